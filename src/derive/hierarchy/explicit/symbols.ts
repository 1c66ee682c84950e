/** How the tensors, samples and scales of a hierarchy are written, as text and as LaTeX. */
import { type Factor, isDummy } from '../../../ir/einsum/index.ts';
import { activationNodes, numberOf, OUTPUT } from '../../../ir/hierarchy/index.ts';
import { subscript, superscript } from '../../../ir/scalar/index.ts';
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';

export interface Written {
  readonly text: string;
  readonly tex: string;
}

type DenseNode = Extract<TensorNode, { kind: 'dense' }>;

export interface Symbols {
  /** A factor without its indices. `biased`: as a layer's input with the entry that carries the bias. */
  factor(factor: Factor, biased: boolean): Written;
  /** A factor at no sample, for headings. */
  kind(factor: Factor): Written;
  /** The weight of a layer as a vector, where its output is the network's. */
  readonly isVector: (factor: Factor) => boolean;
  /** 3w₁²/m²: a coefficient and powers of the scales of the layers. */
  scale(coefficient: number, powers: readonly number[]): Written;
  readonly isInput: (tensor: string) => boolean;
  readonly layers: readonly LayerSymbols[];
}

/** The weight scale of layer l is gain/√fanIn. */
export interface LayerSymbols {
  readonly node: DenseNode;
  /** Absent where the scale is 1. */
  readonly fanIn?: Written;
  /** Absent where it is 1. */
  readonly gain?: Written & { readonly value: number };
}

const greek = ['α', 'β', 'γ', 'ξ', 'ζ', 'η', 'θ', 'κ'];
const greekTex = ['alpha', 'beta', 'gamma', 'xi', 'zeta', 'eta', 'theta', 'kappa'].map((name) => `\\${name}`);
/** Samples that have a name, so the highest order. */
export const maxOrder = greek.length;

export const sampleName = (sample: number): Written => ({ text: greek[sample]!, tex: greekTex[sample]! });

const nearlyOne = (value: number): boolean => Math.abs(value - 1) < 1e-12;

/** What names depend on. */
interface Naming {
  readonly nodes: readonly TensorNode[];
  /** By layer. */
  readonly dense: readonly DenseNode[];
  /** Nodes of the activations. */
  readonly activations: readonly number[];
  /** Whether one layer alone ends at the output. */
  readonly oneEnd: boolean;
}

export function symbolsOf(program: TensorProgram): Symbols {
  const { nodes } = program;
  const dense = nodes.filter((node) => node.kind === 'dense').sort((a, b) => a.layer - b.layer);
  const layers = dense.map((node) => layerSymbols(node, program));
  const oneEnd = dense.filter((node) => isEnd(nodes.indexOf(node), nodes)).length === 1;
  const naming: Naming = { nodes, dense, activations: activationNodes(program), oneEnd };
  return {
    layers,
    isVector,
    isInput: (tensor) => /^[uh]/.test(tensor) && nodes[dense[numberOf(tensor)]!.input]!.kind === 'input',
    factor: (factor, biased) =>
      factorSymbol(naming, factor, factor.sample < 0 ? undefined : sampleName(factor.sample), biased),
    kind: (factor) => factorSymbol(naming, factor, undefined, false),
    scale: (coefficient, powers) => writeScale(coefficient, powers, layers),
  };
}

const isVector = ({ tensor, indices: [o, i] }: Factor): boolean =>
  tensor.startsWith('W') && o === OUTPUT && isDummy(i!);

function factorSymbol(naming: Naming, factor: Factor, at: Written | undefined, biased: boolean): Written {
  const number = numberOf(factor.tensor);
  if (isVector(factor))
    return naming.oneEnd
      ? { text: 'a', tex: '\\mathbf{a}' }
      : { text: `a${subscript(number + 1)}`, tex: `\\mathbf{a}_{${number + 1}}` };
  if (factor.tensor.startsWith('W')) return { text: `W${superscript(number + 1)}`, tex: `W^{(${number + 1})}` };
  if (/^[uh]/.test(factor.tensor)) return inputSymbol(naming, number, at, biased);
  return activationSymbol(naming, number, factor.derivative, at);
}

/** σ″(α), or σ″ at no sample. */
function activationSymbol({ activations }: Naming, number: number, p: number, at: Written | undefined): Written {
  const alone = activations.length === 1;
  const text = `${alone ? 'σ' : `σ${subscript(number + 1)}`}${marks(p).text}`;
  const tex = `${alone ? '\\sigma' : `\\sigma_{${number + 1}}`}${marks(p).tex}`;
  if (at === undefined) return { text, tex };
  const argument = alone ? '\\mathbf{h}' : `\\mathbf{h}^{(${number + 1})}`;
  return { text: `${text}(${at.text})`, tex: `${tex}(${argument}_{${at.tex}})` };
}

/** What a layer reads: x, an activation, or z where it is a sum of branches or another layer. */
function inputSymbol(naming: Naming, layer: number, at: Written | undefined, biased: boolean): Written {
  const { nodes, dense, activations } = naming;
  const { input } = dense[layer]!;
  const shared = biased && dense.filter((node) => node.input === input && node.bias !== undefined).length > 1;
  const number = shared ? layer + 1 : undefined;
  const { kind } = nodes[input]!;
  if (kind === 'input') return vectorSymbol('x', number, at, biased);
  if (kind !== 'elementwise') return vectorSymbol('z', layer + 1, at, biased);
  const plain = activationSymbol(naming, activations.indexOf(input), 0, at);
  if (!biased) return plain;
  const top = number === undefined ? { text: '', tex: '' } : { text: superscript(number), tex: `^{(${number})}` };
  return {
    text: plain.text.replace('σ', `σ\u0303${top.text}`),
    tex: plain.tex.replace('\\sigma', `\\tilde{\\sigma}${top.tex}`),
  };
}

function vectorSymbol(letter: string, number: number | undefined, at: Written | undefined, biased: boolean): Written {
  const top = number === undefined ? { text: '', tex: '' } : { text: superscript(number), tex: `^{(${number})}` };
  const base = biased ? `\\tilde{\\mathbf{${letter}}}` : `\\mathbf{${letter}}`;
  return {
    text: `${letter}${biased ? '\u0303' : ''}${top.text}${at === undefined ? '' : `_${at.text}`}`,
    tex: `${base}${top.tex}${at === undefined ? '' : `_{${at.tex}}`}`,
  };
}

function marks(p: number): Written {
  if (p === 0) return { text: '', tex: '' };
  if (p > 3) return { text: `⁽${superscript(p)}⁾`, tex: `^{(${p})}` };
  return { text: ['′', '″', '‴'][p - 1]!, tex: "'".repeat(p) };
}

/** Whether the network's output is this node, or a sum it is part of. */
function isEnd(at: number, nodes: readonly TensorNode[]): boolean {
  if (at === nodes.length - 1) return true;
  return nodes.some((node, to) => node.kind === 'add' && node.inputs.includes(at) && isEnd(to, nodes));
}

function layerSymbols(node: DenseNode, program: TensorProgram): LayerSymbols {
  if (nearlyOne(node.weightScale)) return { node };
  const value = node.weightScale * Math.sqrt(node.fanIn);
  const number = node.layer + 1;
  const gain = { text: `w${subscript(number)}`, tex: `w_{${number}}`, value };
  return { node, fanIn: widthSymbol(node.input, program), ...(!nearlyOne(value) && { gain }) };
}

/** d for inputs, m for the only hidden width, mₗ for the outputs of layer l. */
function widthSymbol(at: number, program: TensorProgram): Written {
  const node = program.nodes[at]!;
  if (node.kind === 'input') return { text: 'd', tex: 'd' };
  if (node.kind === 'add') return widthSymbol(node.inputs[0]!, program);
  if (node.kind === 'elementwise') return widthSymbol(node.input, program);
  if (program.layers === 2 || node.kind !== 'dense') return { text: 'm', tex: 'm' };
  return { text: `m${subscript(node.layer + 1)}`, tex: `m_{${node.layer + 1}}` };
}

function writeScale(coefficient: number, powers: readonly number[], layers: readonly LayerSymbols[]): Written {
  const halves = new Map<string, { readonly symbol: Written; readonly power: number }>();
  powers.forEach((power, l) => {
    const symbol = layers[l]!.fanIn;
    if (symbol !== undefined && power > 0)
      halves.set(symbol.text, { symbol, power: power + (halves.get(symbol.text)?.power ?? 0) });
  });
  const over = powers.flatMap((power, l) => {
    const gain = layers[l]!.gain;
    return gain === undefined || power === 0 ? [] : [raised(gain, power)];
  });
  const under = [...halves.values()].map(({ symbol, power }) => joined(halfPower(symbol, power)));
  const numerator =
    coefficient === 1 && over.length > 0 ? over : [{ text: `${coefficient}`, tex: `${coefficient}` }, ...over];
  const [top, bottom] = [joined(numerator), joined(under, ' ')];
  if (under.length === 0) return top;
  return {
    text: `${top.text}/${/[ √]./.test(bottom.text.slice(1)) ? `(${bottom.text})` : bottom.text}`,
    tex: `\\frac{${top.tex}}{${bottom.tex}}`,
  };
}

const joined = (parts: readonly Written[], between = ''): Written => ({
  text: parts.map(({ text }) => text).join(between),
  tex: parts.map(({ tex }) => tex).join(' '),
});

export const raised = ({ text, tex }: Written, power: number): Written =>
  power === 1 ? { text, tex } : { text: `${text}${superscript(power)}`, tex: `${tex}^{${power}}` };

/** m^(power/2) as m²√m. */
const halfPower = (symbol: Written, power: number): readonly Written[] => [
  ...(power > 1 ? [raised(symbol, Math.floor(power / 2))] : []),
  ...(power % 2 === 1 ? [{ text: `√${symbol.text}`, tex: `\\sqrt{${symbol.tex}}` }] : []),
];
