/** ∇^(k+1) f [v_1, .., v_k, ·] of a finite network at one sample: reverse mode in the algebra of jets. */
import type { TensorNode, TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { addParts, partsOf, unitCotangents } from '../backward.ts';
import { addTo, sideBySide, spread, sumOf } from '../forward.ts';
import { addProduct, multiplyTransposed } from '../matmul.ts';
import { type DenseNode, denseNodes, type Parameters } from '../parameters.ts';
import { biasFactor, complemented, type Direction, type LayerDirection, weightFactor } from './direction.ts';
import { addJetProduct, elementwiseJet, type Jet, subsetsOf } from './jet.ts';

/** A network at θ + Σ ε_i v_i. */
interface Perturbed {
  readonly program: TensorProgram;
  readonly parameters: Parameters;
  /** v_1 .. v_k. */
  readonly directions: readonly Direction[];
}

/** Jets of every node, [2^k, width]; `slopes` of φ'(h) at the elementwise nodes. */
interface ForwardJets {
  readonly values: readonly Jet[];
  readonly slopes: readonly (Jet | undefined)[];
}

/**
 * The vector ∇^(k+1) f_output(x) [v_1, .., v_k, ·]; without directions the gradient. Nothing is checked to be finite.
 * Costs 2^k passes over the weights, and 3^k products a unit.
 * @param sample one input, [width of the input].
 * @derived the coefficient of ε_1 … ε_k of ∇f(θ + Σ ε_i v_i)
 */
export function directionalGradient(network: Perturbed, sample: Float64Array, output: number): Direction {
  const { nodes } = network.program;
  const forward = forwardJets(network, sample);
  const signals = backwardJets(network, forward, unitCotangents(nodes.at(-1)!.width, 1, [output]));
  return denseNodes(network.program).map((node) => ({
    signal: signals[nodes.indexOf(node)]!,
    input: complemented(forward.values[node.input]!, node.fanIn),
  }));
}

function forwardJets(network: Perturbed, sample: Float64Array): ForwardJets {
  const values: Jet[] = [];
  const slopes: (Jet | undefined)[] = [];
  for (const node of network.program.nodes) {
    const { value, slope } = nodeJets(node, network, values, sample);
    values.push(value);
    slopes.push(slope);
  }
  return { values, slopes };
}

function nodeJets(
  node: TensorNode,
  network: Perturbed,
  values: readonly Jet[],
  sample: Float64Array,
): { readonly value: Jet; readonly slope?: Jet } {
  const nilpotents = network.directions.length;
  const read = 'inputs' in node ? node.inputs.map((input) => values[input]!) : [];
  switch (node.kind) {
    case 'input':
      return { value: constantJet(sample, nilpotents) };
    case 'dense':
      return { value: denseJet(node, network, values[node.input]!) };
    case 'elementwise':
      return elementwiseJet(node.phi, values[node.input]!, node.width);
    case 'add':
      return { value: sumOf(read) };
    case 'multiply':
      return { value: jetProduct(read, node.width) };
    case 'concat':
      return { value: sideBySide(read, subsetsOf(nilpotents)) };
    case 'mean':
      return { value: spread(values[node.input]!, node.width) };
    case 'mask':
      // No noise is drawn here: the mean of a mask.
      return { value: constantJet(new Float64Array(node.width).fill(1), nilpotents) };
  }
}

// z = weightScale · (W + Σ ε_i V_i) h + biasScale · (b + Σ ε_i v_i)
function denseJet(node: DenseNode, { parameters, directions }: Perturbed, h: Jet): Jet {
  const { width, fanIn, layer } = node;
  const subsets = subsetsOf(directions.length);
  const { W, b } = parameters[layer]!;
  const z = multiplyTransposed(h, W, subsets, width, fanIn, node.weightScale);
  if (node.bias !== undefined && b !== undefined) {
    for (let o = 0; o < width; o++) z[o] = z[o]! + node.bias.scale * b[o]!;
  }
  directions.forEach((direction, i) => {
    const { signal, input } = direction[layer]!;
    addShifted(z, h, input, signal, { i, subsets, from: fanIn, to: width, scale: weightFactor(node) });
    addBias(z, direction[layer]!, node, i);
  });
  return z;
}

function addBias(z: Jet, { signal }: LayerDirection, node: DenseNode, i: number): void {
  const factor = biasFactor(node);
  if (factor === 0) return;
  const [at, last] = [subsetsOf(i) * node.width, signal.length - node.width];
  for (let o = 0; o < node.width; o++) z[at + o] = z[at + o]! + factor * signal[last + o]!;
}

/** Signals of every node from the cotangent of the output. */
function backwardJets(network: Perturbed, forward: ForwardJets, cotangent: Float64Array): readonly Jet[] {
  const { nodes } = network.program;
  const subsets = subsetsOf(network.directions.length);
  const signals = nodes.map((node) => new Float64Array(subsets * node.width));
  signals.at(-1)!.set(cotangent);
  for (let index = nodes.length - 1; index > 0; index--) propagate(index, network, forward, signals);
  return signals;
}

/** Adds the signal of one node, complete by now, to those of the nodes it reads: transposes, products with φ'(h). */
function propagate(index: number, network: Perturbed, { values, slopes }: ForwardJets, signals: readonly Jet[]): void {
  const { nodes } = network.program;
  const node = nodes[index]!;
  const signal = signals[index]!;
  switch (node.kind) {
    case 'input':
    case 'mask':
      return;
    case 'dense':
      addDenseTransposed(node, network, signals[node.input]!, signal);
      return;
    case 'elementwise':
      addJetProduct(signals[node.input]!, signal, slopes[index]!, node.width);
      return;
    case 'add':
      for (const input of node.inputs) addTo(signals[input]!, signal);
      return;
    case 'multiply':
      node.inputs.forEach((input, i) => {
        const others = node.inputs.filter((_, j) => j !== i).map((other) => values[other]!);
        addJetProduct(signals[input]!, signal, jetProduct(others, node.width), node.width);
      });
      return;
    case 'concat':
      addParts(partsOf(node, nodes, signals), signal, node.width);
      return;
    case 'mean':
      addTo(signals[node.input]!, spread(signal, node.width));
      return;
  }
}

// into += weightScale · (W + Σ ε_i V_i)ᵀ signal
function addDenseTransposed(node: DenseNode, { parameters, directions }: Perturbed, into: Jet, signal: Jet): void {
  const { width, fanIn, layer } = node;
  const subsets = subsetsOf(directions.length);
  addProduct(into, signal, parameters[layer]!.W, subsets, width, fanIn, node.weightScale);
  directions.forEach((direction, i) => {
    const v = direction[layer]!;
    addShifted(into, signal, v.signal, v.input, { i, subsets, from: width, to: fanIn, scale: weightFactor(node) });
  });
}

function constantJet(values: Float64Array, nilpotents: number): Jet {
  const jet = new Float64Array(subsetsOf(nilpotents) * values.length);
  jet.set(values);
  return jet;
}

function jetProduct([first, ...others]: readonly Jet[], width: number): Jet {
  return others.reduce((product, other) => {
    const out = new Float64Array(product.length);
    addJetProduct(out, product, other, width);
    return out;
  }, first!);
}

interface Shift {
  /** The nilpotent ε_i that the rank-one terms carry. */
  readonly i: number;
  readonly subsets: number;
  /** Widths of what is read and what is written. */
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

/** out += scale · ε_i Σ_s right_s ⟨left_s, read⟩, with left [rank, from], right [rank, to], jets [subsets, ...]. */
function addShifted(out: Jet, read: Jet, left: Float64Array, right: Float64Array, shift: Shift): void {
  const { i, subsets, from, to, scale } = shift;
  const rank = left.length / from;
  const products = multiplyTransposed(read, left, subsets, rank, from);
  const shifted = new Float64Array(products.length);
  for (let set = 0; set < subsets; set++) {
    if ((set & (1 << i)) === 0) continue;
    const source = (set ^ (1 << i)) * rank;
    shifted.set(products.subarray(source, source + rank), set * rank);
  }
  addProduct(out, shifted, right, subsets, rank, to, scale);
}
