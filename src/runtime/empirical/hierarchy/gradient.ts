/** ∇^(k+1) f [v_1, .., v_k, ·] of a finite network at one sample: reverse mode in the algebra of jets. */
import { positionsOf } from '../../../ir/program/index.ts';
import {
  type MatrixProductNode,
  sizeOf,
  type TensorNode,
  type TensorProgram,
} from '../../../ir/tensor/tensorProgram.ts';
import { unitCotangents } from '../backward.ts';
import { sumOf } from '../forward.ts';
import { addParts, addTo, addTransposed, applied, sideBySide } from '../linear.ts';
import { productsOf, rowAt } from '../matrixProduct.ts';
import { denseNodes, type Parameters, usesOf } from '../parameters.ts';
import { addDenseTransposed, denseJet } from './denseJets.ts';
import { complemented, type Direction, inputSizeOf } from './direction.ts';
import { addJetProduct, eachSplit, elementwiseJet, type Jet, subsetsOf } from './jet.ts';

/** A network at θ + Σ ε_i v_i. */
interface Perturbed {
  readonly program: TensorProgram;
  readonly parameters: Parameters;
  /** v_1 .. v_k. */
  readonly directions: readonly Direction[];
}

/** Jets of every node, [2^k, size of the node]; `slopes` of φ'(h) at the elementwise nodes. */
interface ForwardJets {
  readonly values: readonly Jet[];
  readonly slopes: readonly (Jet | undefined)[];
}

/**
 * The vector ∇^(k+1) f_output(x) [v_1, .., v_k, ·]; without directions the gradient. Nothing is checked to be finite.
 * Costs 2^k passes over the weights, and 3^k products a unit.
 * @param sample one input, [positions, width of the input], and what is given with it.
 * @derived the coefficient of ε_1 … ε_k of ∇f(θ + Σ ε_i v_i)
 */
export function directionalGradient(network: Perturbed, sample: Float64Array, output: number): Direction {
  const { nodes } = network.program;
  const forward = forwardJets(network, sample);
  const signals = backwardJets(network, forward, unitCotangents(sizeOf(nodes.at(-1)!), 1, [output]));
  const subsets = subsetsOf(network.directions.length);
  return denseNodes(network.program).map((node) => {
    const uses = usesOf(network.program, node.layer);
    const read = uses.map((use) => complemented(forward.values[use.input]!, inputSizeOf(use)));
    return {
      signal: sideBySide(
        uses.map((use) => signals[nodes.indexOf(use)]!),
        subsets,
      ),
      input: sideBySide(read, subsets),
      positions: uses.reduce((sum, { extents }) => sum + positionsOf(extents), 0),
    };
  });
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
  { program, parameters, directions }: Perturbed,
  values: readonly Jet[],
  sample: Float64Array,
): { readonly value: Jet; readonly slope?: Jet } {
  const nilpotents = directions.length;
  const read = 'inputs' in node ? node.inputs.map((input) => values[input]!) : [];
  switch (node.kind) {
    case 'input':
      return { value: constantJet(sample.subarray(0, sizeOf(node)), nilpotents) };
    case 'given':
      return { value: constantJet(sample.subarray(node.offset, node.offset + sizeOf(node)), nilpotents) };
    case 'dense': {
      const along = directions.map((direction) => direction[node.layer]!);
      return { value: denseJet(node, parameters[node.layer]!, along, values[node.input]!) };
    }
    case 'elementwise':
      return elementwiseJet(node.phi, values[node.input]!, sizeOf(node));
    case 'add':
      return { value: sumOf(read) };
    case 'multiply':
      return { value: jetProduct(read, sizeOf(node)) };
    case 'matrixProduct':
      return { value: matrixJet(node, program, values) };
    case 'concat':
      return { value: sideBySide(read, subsetsOf(nilpotents) * node.blocks) };
    case 'mask':
      // No noise is drawn here: the mean of a mask.
      return { value: constantJet(new Float64Array(sizeOf(node)).fill(1), nilpotents) };
    default:
      return { value: applied(node, program.nodes[node.input]!, values[node.input]!, subsetsOf(nilpotents)) };
  }
}

function matrixJet(node: MatrixProductNode, { nodes }: TensorProgram, values: readonly Jet[]): Jet {
  const [a, b] = node.inputs;
  const products = productsOf(node, nodes[a]!.width);
  const [size, aSize, bSize] = [sizeOf(node), sizeOf(nodes[a]!), sizeOf(nodes[b]!)];
  const out = new Float64Array((values[a]!.length / aSize) * size);
  eachSplit(out.length / size, (set, part, rest) =>
    products.value(rowAt(out, set, size), rowAt(values[a]!, part, aSize), rowAt(values[b]!, rest, bSize)),
  );
  return out;
}

/** Signals of every node from the cotangent of the output. */
function backwardJets(network: Perturbed, forward: ForwardJets, cotangent: Float64Array): readonly Jet[] {
  const { nodes } = network.program;
  const subsets = subsetsOf(network.directions.length);
  const signals = nodes.map((node) => new Float64Array(subsets * sizeOf(node)));
  signals.at(-1)!.set(cotangent);
  for (let index = nodes.length - 1; index > 0; index--) propagate(index, network, forward, signals);
  return signals;
}

/** Adds the signal of one node, complete by now, to those of the nodes it reads: transposes, products with φ'(h). */
function propagate(index: number, network: Perturbed, { values, slopes }: ForwardJets, signals: readonly Jet[]): void {
  const { program, parameters, directions } = network;
  const subsets = subsetsOf(directions.length);
  const node = program.nodes[index]!;
  const signal = signals[index]!;
  switch (node.kind) {
    case 'input':
    case 'given':
    case 'mask':
      return;
    case 'dense': {
      const along = directions.map((direction) => direction[node.layer]!);
      addDenseTransposed(node, parameters[node.layer]!, along, signals[node.input]!, signal);
      return;
    }
    case 'elementwise':
      addJetProduct(signals[node.input]!, signal, slopes[index]!, sizeOf(node));
      return;
    case 'add':
      for (const input of node.inputs) addTo(signals[input]!, signal);
      return;
    case 'multiply':
      node.inputs.forEach((input, i) => {
        const others = node.inputs.filter((_, j) => j !== i).map((other) => values[other]!);
        addJetProduct(signals[input]!, signal, jetProduct(others, sizeOf(node)), sizeOf(node));
      });
      return;
    case 'matrixProduct':
      addFactors(node, program, values, signals, signal);
      return;
    case 'concat':
      addParts(node, signals, signal, subsets);
      return;
    default:
      addTransposed(node, program.nodes[node.input]!, signals[node.input]!, signal, subsets);
      return;
  }
}

function addFactors(
  node: MatrixProductNode,
  { nodes }: TensorProgram,
  values: readonly Jet[],
  signals: readonly Jet[],
  signal: Jet,
): void {
  const [a, b] = node.inputs;
  const products = productsOf(node, nodes[a]!.width);
  const [size, aSize, bSize] = [sizeOf(node), sizeOf(nodes[a]!), sizeOf(nodes[b]!)];
  eachSplit(signal.length / size, (set, part, rest) => {
    const s = rowAt(signal, part, size);
    products.first(rowAt(signals[a]!, set, aSize), s, rowAt(values[b]!, rest, bSize));
    products.second(rowAt(signals[b]!, set, bSize), s, rowAt(values[a]!, rest, aSize));
  });
}

function constantJet(values: Float64Array, nilpotents: number): Jet {
  const jet = new Float64Array(subsetsOf(nilpotents) * values.length);
  jet.set(values);
  return jet;
}

function jetProduct([first, ...others]: readonly Jet[], size: number): Jet {
  return others.reduce((product, other) => {
    const out = new Float64Array(product.length);
    addJetProduct(out, product, other, size);
    return out;
  }, first!);
}
