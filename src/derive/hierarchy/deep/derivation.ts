/** How the expectation of a deep network comes about, to be read: what each layer leaves to the ones below. */
import type { Network } from '../../../ir/arch/index.ts';
import type { Contraction, Term } from '../../../ir/einsum/index.ts';
import { legend } from '../explicit/legend.ts';
import { type Symbols, sampleName, symbolsOf } from '../explicit/symbols.ts';
import { writeContraction } from '../explicit/write.ts';
import { readMlp } from './mlp.ts';
import { networkTerms } from './networkTerms.ts';
import { isUpper, numberOf } from './sums.ts';

export interface DeepDerivation {
  readonly network: string;
  readonly order: number;
  /** What the symbols stand for. */
  readonly legend: readonly string[];
  /** Layers whose weights are integrated out, from the output: products worked on, terms left. */
  readonly steps: readonly { readonly layer: number; readonly products: number; readonly terms: number }[];
  /** Sums over neurons of one layer, each in terms of those before it. */
  readonly sums: readonly { readonly name: string; readonly layer: number; readonly terms: readonly string[] }[];
  /** The terms of the kernel, in terms of the sums. */
  readonly terms: readonly string[];
  toText(): string;
}

/**
 * The derivation behind deepExpectedHierarchy, for an activation of any form.
 * @throws NtkcError as deepExpectedHierarchy does for the network
 */
export function deepDerivation(network: Network, order: 2 | 4 = 4): DeepDerivation {
  const { program, layers } = readMlp(network);
  const { terms, upper, steps } = networkTerms(network, layers.length, order);
  const symbols = symbolsOf(program);
  const write = (term: Term) => termText(term, symbols);
  const derivation = {
    network: network.name,
    order,
    legend: [...legend(program, order, symbols, []), ...meaning],
    steps,
    sums: upper.map((sum, id) => ({ name: `F${id}`, layer: sum.layer, terms: sum.terms.map(write) })),
    terms: terms.map(write),
  };
  return { ...derivation, toText: () => textOf(derivation) };
}

const meaning = [
  '⟨⟩ over neurons of a layer: its width times the mean over one neuron, its pre-activations under the NNGP covariance',
  'F: what the layers above leave, their weights integrated out; a number in the limit',
];

/** The scale, F, then the sums over neurons. */
function termText({ coefficient, powers, contractions }: Term, symbols: Symbols): string {
  const isSum = ({ factors }: Contraction) => isUpper(factors[0]!);
  const scale = symbols.scale(coefficient, powers).text;
  const parts = [
    ...(scale === '1' && contractions.length > 0 ? [] : [scale]),
    ...contractions.filter(isSum).map(({ factors }) => `F${numberOf(factors[0]!.tensor)}`),
    ...contractions.filter((c) => !isSum(c)).map((c) => writeContraction(c, symbols).text),
  ];
  return parts.join(' · ');
}

const sumText = (name: string, terms: readonly string[]): string => `${name} = ${terms.join('\n    + ')}`;

function textOf({ network, order, legend: entries, steps, sums, terms }: Omit<DeepDerivation, 'toText'>): string {
  const samples = Array.from({ length: order }, (_, sample) => `x_${sampleName(sample).text}`).join(', ');
  return [
    `E K${order} of ${JSON.stringify(network)} at initialisation, at order width${order === 2 ? '⁰' : '⁻¹'}: ${terms.length} terms, ${sums.length} sums`,
    '',
    ...entries.map((entry) => `  ${entry}`),
    '',
    ...steps.map(
      ({ layer, products, terms: left }) => `  weights of layer ${layer}: ${products} products, ${left} terms left`,
    ),
    ...sums.flatMap(({ name, layer, terms: own }, at) => [
      ...(sums[at - 1]?.layer === layer ? [] : ['', `  [layer ${layer}]`]),
      `  ${sumText(name, own)}`,
    ]),
    '',
    `  ${sumText(`E K${order}(${samples})`, terms)}`,
    '',
  ].join('\n');
}
