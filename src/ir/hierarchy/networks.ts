/**
 * The terms of a hierarchy as tensor networks in which a sample is one more index: φ″ at x_α is a tensor [n m], and
 * Σ_γ of K3(α, β, γ) r_γ has one tensor more, r[n].
 */
import { type Factor, PARAMETER, type Term } from '../einsum/index.ts';
import type { TensorNetwork, TensorSpace, TensorUse } from '../einsum/plan/index.ts';
import { unitAxes } from './axes.ts';
import type { HierarchyProgram } from './program.ts';
import { activationNodes, type DenseNode, denseLayers, numberOf, OUTPUT } from './tensors.ts';

/**
 * What the samples of K_r are: all batched, those after the second summed with weights; the first two batched, the others
 * one at a time; or all one at a time.
 */
export type HierarchyForm = 'contracted' | 'pairs' | 'one';

/** A tensor of a plan, in terms of the network. */
export interface HierarchyTensor {
  readonly name: string;
  /** The tensor it is, or that it is a row of. */
  readonly whole: string;
  readonly axes: readonly string[];
  readonly source:
    | { readonly kind: 'weights' }
    /** W of a layer, or its row, column or entry of the output. */
    | { readonly kind: 'matrix' | 'row' | 'column' | 'entry'; readonly layer: number }
    /** Value of a node; `only` the unit that is the output. */
    | { readonly kind: 'value'; readonly node: number; readonly only: boolean }
    /** Value of the node that a layer reads and bias scale/weight scale as one more unit. */
    | { readonly kind: 'biased'; readonly node: number; readonly layer: number }
    /** φ^(p), p >= 1. */
    | { readonly kind: 'slope'; readonly node: number; readonly p: number; readonly only: boolean };
  /** Where samples are taken one at a time: the position in the tuple. */
  readonly position?: number;
}

export interface HierarchyNetworks {
  readonly networks: readonly TensorNetwork[];
  readonly tensors: ReadonlyMap<string, HierarchyTensor>;
  readonly space: TensorSpace;
  /** Axes of the result. */
  readonly output: readonly number[];
  readonly outputAxes: readonly string[];
}

export const WEIGHTS = 'weights';
/** Names of samples by their position in a tuple. */
export const sampleNames: readonly string[] = ['alpha', 'beta', 'gamma', 'xi', 'zeta', 'eta', 'mu', 'nu'];
/** Name of the axis of samples. */
export const SAMPLES = 'n';
/** Name of an axis of units with the bias as one more. */
const withBias = (axis: string): string => `${axis}b`;

interface Context {
  readonly program: HierarchyProgram;
  readonly dense: readonly DenseNode[];
  readonly activations: readonly number[];
  readonly axes: readonly string[];
  readonly isBatched: (position: number) => boolean;
  readonly note: (tensor: HierarchyTensor) => string;
}

/** @param samples n of the axis of samples that plans are made for */
export function hierarchyNetworks(program: HierarchyProgram, form: HierarchyForm, samples: number): HierarchyNetworks {
  const { names, sizes } = unitAxes(program.network);
  const tensors = new Map<string, HierarchyTensor>();
  const context: Context = {
    program,
    dense: denseLayers(program.network),
    activations: activationNodes(program.network),
    axes: names,
    isBatched: (position) => form === 'contracted' || (form === 'pairs' && position < 2),
    note: (tensor) => {
      tensors.set(tensor.name, tensor);
      return tensor.name;
    },
  };
  const networks = program.terms.map((term) => networkOf(term, context, form));
  const biased = Object.entries(sizes).map(([axis, size]) => [withBias(axis), size + 1] as const);
  const space: TensorSpace = {
    axes: (tensor) => tensors.get(tensor)!.axes,
    sizes: { [SAMPLES]: samples, ...sizes, ...Object.fromEntries(biased) },
  };
  const output = form === 'one' ? [] : [labelOf(0), labelOf(1)];
  return { networks, tensors, space, output, outputAxes: output.map(() => SAMPLES) };
}

/** The index of sample `position`: −1 and −2 are the result's; others are dummies below those of the terms. */
const labelOf = (position: number): number => (position < 2 ? -1 - position : position - 2);
const firstDummy = 16;

function networkOf(term: Term, context: Context, form: HierarchyForm): TensorNetwork {
  const { order } = context.program;
  let dummies = firstDummy;
  const uses: TensorUse[] = [];
  for (const { factors } of term.contractions) {
    uses.push(...factors.map((factor) => useOf(factor, factors, dummies, context)));
    dummies += 1 + Math.max(-1, ...factors.flatMap(({ indices }) => indices));
  }
  if (form === 'contracted') {
    const indices = Array.from({ length: order - 2 }, (_, k) => labelOf(k + 2));
    const axes = indices.map(() => SAMPLES);
    const name = context.note({ name: WEIGHTS, whole: WEIGHTS, axes, source: { kind: 'weights' } });
    uses.push({ tensor: name, indices });
  }
  return { coefficient: scaleOf(term, context.dense), uses };
}

const scaleOf = ({ coefficient, powers }: Term, dense: readonly DenseNode[]): number =>
  powers.reduce((product, power, l) => product * dense[l]!.weightScale ** power, coefficient);

function useOf(factor: Factor, all: readonly Factor[], firstDummy: number, context: Context): TensorUse {
  const { tensor, sample } = factor;
  const units = factor.indices.filter((index) => index !== OUTPUT).map((index) => firstDummy + index);
  if (sample === PARAMETER) return { tensor: weightUse(factor, context), indices: units };
  const described = tensor.startsWith('s') ? slopeOf(factor, context) : inputOf(factor, all, context);
  if (context.isBatched(sample)) {
    const name = context.note({ ...described, axes: [SAMPLES, ...described.axes] });
    return { tensor: name, indices: [labelOf(sample), ...units] };
  }
  const row = `${described.whole}_${sampleNames[sample]}`;
  const name = context.note({ ...described, name: row, position: sample });
  return { tensor: name, indices: units };
}

const named = (name: string) => ({ name, whole: name });

function weightUse({ tensor, indices: [o, i] }: Factor, { dense, axes, note, program }: Context): string {
  if (!tensor.startsWith('W')) throw new Error(`ntkc bug: hierarchy: no tensor ${tensor}`);
  const layer = numberOf(tensor);
  const node = dense[layer]!;
  const [rows, columns] = [axes[program.network.nodes.indexOf(node)]!, axes[node.input]!];
  if (o === OUTPUT && i === OUTPUT)
    return note({ ...named(`w${layer + 1}Out`), axes: [], source: { kind: 'entry', layer } });
  if (o === OUTPUT) return note({ ...named(`w${layer + 1}`), axes: [columns], source: { kind: 'row', layer } });
  if (i === OUTPUT) return note({ ...named(`w${layer + 1}In`), axes: [rows], source: { kind: 'column', layer } });
  return note({ ...named(tensor), axes: [rows, columns], source: { kind: 'matrix', layer } });
}

/** φ^(p) at the units of an activation, or at the one that is the output. */
function slopeOf({ tensor, derivative: p, indices: [i] }: Factor, { activations, axes }: Context): HierarchyTensor {
  const e = numberOf(tensor);
  const node = activations[e]!;
  const only = i === OUTPUT;
  const name = `phi${e + 1}d${p}${only ? 'Out' : ''}`;
  return { ...named(name), axes: only ? [] : [axes[node]!], source: { kind: 'slope', node, p, only } };
}

/** What a layer reads; with the bias where all that meet at the index are inputs of layers that have one. */
function inputOf(
  { tensor, indices: [j] }: Factor,
  all: readonly Factor[],
  { dense, axes, program: { network }, activations }: Context,
): HierarchyTensor {
  const layer = numberOf(tensor);
  const node = dense[layer]!.input;
  const hasBias = ({ tensor: name }: Factor) => name.startsWith('u') && dense[numberOf(name)]!.bias !== undefined;
  const only = j === OUTPUT;
  if (!only && all.filter(({ indices }) => indices.includes(j!)).every(hasBias))
    return { ...named(`u${layer + 1}`), axes: [withBias(axes[node]!)], source: { kind: 'biased', node, layer } };
  const name = valueName(node, network.nodes[node]!, activations);
  return {
    ...named(only ? `${name}Out` : name),
    axes: only ? [] : [axes[node]!],
    source: { kind: 'value', node, only },
  };
}

/** x, z1 for the outputs of layer 1, phi1 for those of activation 1, sum5 for those of node 5. */
export function valueName(
  at: number,
  node: HierarchyProgram['network']['nodes'][number],
  activations: readonly number[],
): string {
  switch (node.kind) {
    case 'input':
      return 'x';
    case 'dense':
      return `z${node.layer + 1}`;
    case 'elementwise':
      return `phi${activations.indexOf(at) + 1}`;
    case 'add':
      return `sum${at}`;
    default:
      throw new Error(`ntkc bug: hierarchy: no name for a node of kind ${node.kind}`);
  }
}
