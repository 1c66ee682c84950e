/** The recursion a derivation is an instance of, in the papers' notation. */
import type { Derivation, Step } from '../derivation.ts';

export interface Recursion {
  readonly lines: readonly string[];
  readonly note: string;
  readonly source: string;
}

/**
 * For networks whose layers with parameters all follow the recursion of the paper; undefined for others.
 *
 * @eq wntk-tan2021 (6), (11), (21)
 */
export function recursion({ kernel, steps, written }: Derivation): Recursion | undefined {
  const parametrised = steps.filter((s) => s.layer !== undefined);
  if (written.extents.length > 0) return convolutional(kernel, parametrised);
  if (parametrised.length === 0 || parametrised.some((s) => !s.source.startsWith('wntk-tan2021 (11)')))
    return undefined;
  const own = kernel === 'wntk' ? '\\mu_l \\, ' : '';
  const first = kernel === 'wntk' ? '\\mu_1 \\, ' : '';
  const args = "(x,x')";
  const expectation = (phi: string) =>
    `\\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(l)})}\\left[${phi}(f(x))\\,${phi}(f(x'))\\right]`;
  const nngp = [
    `\\Sigma^{(0)}${args} &= \\tfrac{1}{d_0} x^{\\top} x', \\qquad \\Sigma^{(1)} = \\sigma_w^2 \\, \\Sigma^{(0)} + \\sigma_b^2`,
    `\\hat\\Sigma^{(l)}${args} &= ${expectation('\\varphi')}`,
    `\\Sigma^{(l)}${args} &= \\sigma_w^2 \\, \\hat\\Sigma^{(l-1)}${args} + \\sigma_b^2`,
  ];
  if (kernel === 'nngp')
    return { lines: nngp, note: 'For dense layers and activations in turn:', source: 'wntk-tan2021 (6)' };
  const dot = `\\dot\\Sigma^{(l)}${args} &= ${expectation("\\varphi'")}`;
  const theta =
    kernel === 'layerwise'
      ? [
          `\\Theta_l^{(L)}${args} &= \\Sigma^{(l)}${args} \\prod_{l'=l}^{L-1} \\sigma_w^2 \\, \\dot\\Sigma^{(l')}${args}`,
        ]
      : [
          `\\Theta^{(1)}${args} &= ${first}\\Sigma^{(1)}${args}`,
          `\\Theta^{(l)}${args} &= \\sigma_w^2 \\, \\Theta^{(l-1)}${args} \\, \\dot\\Sigma^{(l-1)}${args} + ${own}\\Sigma^{(l)}${args}`,
        ];
  return {
    lines: [...nngp, dot, ...theta],
    note: 'For dense layers and activations in turn; $\\dot\\Sigma$ is numbered by its activation, so $\\dot\\Sigma^{(l-1)}$ here is $\\dot\\Sigma^{(l)}$ in the source.',
    source: { ntk: 'wntk-tan2021 (6)', wntk: 'wntk-tan2021 (11)', layerwise: 'wntk-tan2021 (21)' }[kernel],
  };
}

const ofConvolution = 'ntk-survey-golikov2022 (62)';

/**
 * The same with positions, for convolutions of one window and activations in turn; dense layers are windows of one position.
 *
 * @eq ntk-survey-golikov2022 (62)
 */
function convolutional(kernel: Derivation['kernel'], parametrised: readonly Step[]): Recursion | undefined {
  const known = (s: Step) => s.source === ofConvolution || s.source.startsWith('wntk-tan2021 (11)');
  if (!parametrised.some((s) => s.source === ofConvolution) || !parametrised.every(known)) return undefined;
  const args = "(x,x')[p,p']";
  const mean = "\\mathcal{A} K(x,x')[p,p'] &= \\tfrac{1}{|F|} \\sum_{o \\in F} K(x,x')[p+o,p'+o]";
  const expectation = (phi: string) =>
    `\\mathbb{E}_{f \\sim \\mathcal{N}(0,\\Sigma^{(l)})}\\left[${phi}(f(x)[p])\\,${phi}(f(x')[p'])\\right]`;
  const nngp = [
    mean,
    `\\Sigma^{(0)}${args} &= \\tfrac{1}{c} x[p]^{\\top} x'[p'], \\qquad \\Sigma^{(1)} = \\sigma_w^2 \\, \\mathcal{A} \\Sigma^{(0)} + \\sigma_b^2`,
    `\\hat\\Sigma^{(l)}${args} &= ${expectation('\\varphi')}`,
    `\\Sigma^{(l)} &= \\sigma_w^2 \\, \\mathcal{A} \\hat\\Sigma^{(l-1)} + \\sigma_b^2`,
  ];
  const note = 'For convolutions over windows $F$ and activations in turn, of inputs of $c$ channels:';
  if (kernel === 'nngp') return { lines: nngp, note, source: ofConvolution };
  const carried = (of: string) => `\\sigma_w^2 \\, \\mathcal{A} \\left(${of}^{(l-1)} \\, \\dot\\Sigma^{(l-1)}\\right)`;
  const mu = (l: string) => (kernel === 'wntk' ? `\\mu_${l} \\, ` : '');
  const theta =
    kernel === 'layerwise'
      ? [`\\Theta_k^{(k)} &= \\Sigma^{(k)}, \\qquad \\Theta_k^{(l)} = ${carried('\\Theta_k')}`]
      : [
          `\\Theta^{(1)} &= ${mu('1')}\\Sigma^{(1)}`,
          `\\Theta^{(l)} &= ${carried('\\Theta')} + ${mu('l')}\\Sigma^{(l)}`,
        ];
  const dot = `\\dot\\Sigma^{(l)}${args} &= ${expectation("\\varphi'")}`;
  return { lines: [...nngp, dot, ...theta], note, source: ofConvolution };
}
