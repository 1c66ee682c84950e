/** What stands before and after the steps: the network, the layer weights, the results. */
import { isDefault, type Layer } from '../../ir/arch/index.ts';
import type { KernelName } from '../../ir/program/index.ts';
import { layoutScalar, num } from '../../ir/scalar/index.ts';
import { vocabulary } from '../../ops/vocabulary.ts';
import type { Derivation } from '../derivation.ts';
import type { Line } from './line.ts';
import type { ExplainedStep } from './lines.ts';
import { sumWriter } from './sums.ts';
import { type Style, symbolWriter, type Where, type Written, weightOf } from './writing.ts';

const kernelNames: Readonly<Record<KernelName, string>> = {
  nngp: 'NNGP',
  ntk: 'NTK',
  wntk: 'weighted NTK',
  layerwise: 'layer-wise NTK',
};
export const kernelName = (d: Derivation): string => kernelNames[d.kernel];

export const title = (d: Derivation): string => `${kernelName(d)} of ${JSON.stringify(d.network.name)}`;

export const inputText = ({ network }: Derivation): string => {
  const { shape } = network.input;
  return shape.length === 1 ? `${shape[0]} features` : shape.join(' × ');
};

/** "layers[2]  dense, ntk parameterization (layer 2)". */
export function stepTitle({ path, op, rule, layer }: Pick<ExplainedStep, 'path' | 'op' | 'rule' | 'layer'>): string {
  const number = layer === undefined ? '' : ` (layer ${layer})`;
  if (path === op) return `${path}  ${rule}`;
  return `${path}  ${rule === op || [',', ':'].some((end) => rule.startsWith(`${op}${end}`)) ? rule : `${op}: ${rule}`}${number}`;
}

/** Layers of a network, each with its fields; those that repeat once. */
export function networkLines({ network }: Derivation): readonly string[] {
  const { layers } = network;
  const texts = layers.map((layer) => JSON.stringify(layer));
  const lines: string[] = [];
  for (let i = 0; i < layers.length; ) {
    const { length, times } = repeated(texts, i);
    const own = layers.slice(i, i + length);
    lines.push(...own.flatMap((layer, k) => layerLine(layer, `layers[${i + k}]`)));
    i += length * times;
    if (times > 1) lines.push(`layers[${i - length * (times - 1)}..${i - 1}]  the same ${times - 1} times`);
  }
  return lines;
}

/** The run of texts from a place that is shortest, and how often it stands there: once, or at least four times. */
function repeated(texts: readonly string[], from: number): { readonly length: number; readonly times: number } {
  for (let length = 1; from + 4 * length <= texts.length; length++) {
    let end = from + length;
    while (end < texts.length && texts[end] === texts[end - length]) end++;
    const times = Math.floor((end - from) / length);
    if (times >= 4) return { length, times };
  }
  return { length: 1, times: 1 };
}

/** "layers[0]  dense  wStd 1.5, bStd 0.2", and what a layer holds, indented below it. */
function layerLine(layer: Layer, path: string, indent = ''): readonly string[] {
  const { op, branches, layers } = layer;
  const fields = ownFields(layer).map(([name, value]) => `${name} ${fieldText(value)}`);
  const line = `${indent}${path}  ${op}${fields.length === 0 ? '' : `  ${fields.join(', ')}`}`;
  const inner = `${indent}  `;
  const held = (ls: readonly Layer[], at: string) => ls.flatMap((l, i) => layerLine(l, `${at}[${i}]`, inner));
  const branch = (ls: readonly Layer[], i: number) =>
    ls.length === 0 ? [`${inner}${path}.branches[${i}]  (identity)`] : held(ls, `${path}.branches[${i}]`);
  return [line, ...(branches?.flatMap(branch) ?? []), ...held(layers ?? [], `${path}.layers`)];
}

const structural = new Set(['op', 'branches', 'layers']);

/** Fields that differ from their defaults. */
function ownFields(layer: Layer): readonly (readonly [string, unknown])[] {
  const op = vocabulary.get(layer.op);
  return Object.entries(layer).filter(([name, value]) => !structural.has(name) && !isDefault(op, name, value));
}

function fieldText(value: unknown): string {
  // √2 rather than 1.4142135623730951; what is short stays as its author wrote it.
  if (typeof value === 'number' && `${value}`.length > 12) return layoutScalar(num(value), 'text');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** μ₁ = 1, μ₂ = 0.5: the defaults of the weighted kernel. */
export function weightsLine({ program }: Derivation): Written | undefined {
  const [first, second, ...others] = program.weights;
  if (first === undefined) return undefined;
  if (second !== undefined && others.length > 2 && program.weights.every((w) => w.value === first.value)) {
    const all = (style: Style, dots: string) =>
      `${[weightOf(1)[style], weightOf(2)[style], dots, weightOf(program.weights.length)[style]].join(' = ')} = ${weightValue(first.value, style)}`;
    return { tex: all('tex', '\\dots'), text: `Layer weights (defaults): ${all('text', '…')}` };
  }
  const each = (style: Style, separator: string) =>
    program.weights.map((w, i) => `${weightOf(i + 1)[style]} = ${weightValue(w.value, style)}`).join(separator);
  return { tex: each('tex', ',\\; '), text: `Layer weights (defaults): ${each('text', ', ')}` };
}

const weightValue = (value: number, style: Style): string =>
  style === 'tex' && `${value}`.includes('e') ? layoutScalar(num(value), 'tex') : `${value}`;

const pairs: Where = { domain: 'pair' };

/** NTK(x,x') = Θ⁶(x,x'); for the weighted kernel also Σ_l μ_l Θ_l(x,x'). */
export function outputLines(d: Derivation): readonly Line[] {
  return d.written.outputs.map(({ name, pair }) => {
    const [, letters = '', index] = /^([a-z]+)(\d*)$/.exec(name) ?? [];
    const upper = letters.toUpperCase();
    const sub =
      index === '' || index === undefined ? { tex: '', text: '' } : { tex: `_{${index}}`, text: subText(index) };
    const right = (style: Style) => layoutScalar(pair, style, symbolWriter(d, pairs, style, sumWriter(d, pairs)));
    const weighted = d.kernel === 'wntk';
    return {
      domain: 'pair' as const,
      left: { tex: `\\mathrm{${upper}}${sub.tex}(x,x')`, text: `${upper}${sub.text}(x,x')` },
      right: {
        tex: [...(weighted ? ["\\sum_l \\mu_l \\, \\Theta_l(x,x') ="] : []), right('tex')],
        text: [...(weighted ? ["Σ_l μ_l·Θ_l(x,x') ="] : []), right('text')],
      },
    };
  });
}
const subText = (index: string): string => weightOf(index).text.slice(1);
