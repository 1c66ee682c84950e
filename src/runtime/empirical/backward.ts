/** Reverse mode for a finite network: from cotangents of the output to a signal at every node. */
import { NtkcError } from '../../errors.ts';
import { type DenseNode, type MatrixProductNode, sizeOf, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { type Activations, mapped, productOf } from './forward.ts';
import { addBlock, blockOf, blocksOf, blockWeights } from './layerBlocks.ts';
import { addParts, addTo, addTransposed } from './linear.ts';
import { addProduct } from './matmul.ts';
import { productsOf, rowAt } from './matrixProduct.ts';
import type { Parameters } from './parameters.ts';

/** signals[i][r c] = ∂(Σ_o cotangent[r o] · output[r o]) / ∂(value of node i)[r c]: [copies · n, positions · width of the node]. */
export type Signals = readonly Float64Array[];

/**
 * Signals of every node.
 * @param activations of `forward`, n rows each.
 * @param target one output unit, or a cotangent [copies · n, output size]: several copies of the batch go through
 * the network together, row r belonging to sample r mod n, so that a weight matrix is read once for all of them.
 */
export function backward(
  program: TensorProgram,
  parameters: Parameters,
  activations: Activations,
  target: number | Float64Array,
): Signals {
  const { nodes } = program;
  const n = activations[0]!.length / sizeOf(nodes[0]!);
  const last = nodes.length - 1;
  const width = sizeOf(nodes[last]!);
  const cotangent = typeof target === 'number' ? unitCotangents(width, n, [target]) : target;
  const rows = cotangent.length / width;
  if (rows === 0 || rows % n !== 0) {
    throw new NtkcError({ what: `a cotangent of ${cotangent.length} numbers`, expected: `a multiple of ${n * width}` });
  }
  const signals = nodes.map((node, index) => (index === last ? cotangent : new Float64Array(rows * sizeOf(node))));
  for (let index = last; index > 0; index--) propagate(index, program, parameters, activations, signals);
  return signals;
}

/** One copy of the batch for each unit in `outputs`: cotangent[(k n) o] = 1 where o = outputs[k], else 0. */
export function unitCotangents(width: number, n: number, outputs: readonly number[]): Float64Array {
  const cotangent = new Float64Array(outputs.length * n * width);
  outputs.forEach((output, k) => {
    if (!Number.isInteger(output) || output < 0 || output >= width) {
      throw new NtkcError({ what: `there is no output unit ${output}`, expected: `0 to ${width - 1}` });
    }
    for (let r = 0; r < n; r++) cotangent[(k * n + r) * width + output] = 1;
  });
  return cotangent;
}

/** Adds the signal of one node, complete by now, to those of the nodes it reads. */
function propagate(
  index: number,
  program: TensorProgram,
  parameters: Parameters,
  activations: Activations,
  signals: Signals,
): void {
  const node = program.nodes[index]!;
  const signal = signals[index]!;
  switch (node.kind) {
    case 'input':
    case 'given':
    case 'mask':
      return;
    case 'dense':
      addDenseTransposed(node, parameters[node.layer]!.W, signals[node.input]!, signal);
      return;
    case 'elementwise': {
      const slopes = mapped(activations[node.input]!, activationOf(node.phi).derivative);
      addScaled(signals[node.input]!, signal, slopes);
      return;
    }
    case 'add':
      for (const input of node.inputs) addTo(signals[input]!, signal);
      return;
    case 'multiply':
      node.inputs.forEach((input, i) => {
        const others = node.inputs.filter((_, j) => j !== i).map((other) => activations[other]!);
        addScaled(signals[input]!, signal, productOf(others));
      });
      return;
    case 'matrixProduct':
      addFactors(node, program, activations, signals, signal);
      return;
    case 'concat':
      addParts(node, signals, signal, signal.length / sizeOf(node));
      return;
    default:
      addTransposed(node, program.nodes[node.input]!, signals[node.input]!, signal, signal.length / sizeOf(node));
  }
}

// into[(r P) i] += weightScale · Σ_o signal[(r P) o] W[o i]
function addDenseTransposed(node: DenseNode, W: Float64Array, into: Float64Array, signal: Float64Array): void {
  const { width, fanIn, weightScale } = node;
  const blocks = blocksOf(node);
  for (let block = 0; block < blocks; block++) {
    const read = blockOf(signal, blocks, width, block);
    const rows = read.length / width;
    const out = blocks === 1 ? into : new Float64Array(rows * fanIn);
    addProduct(out, read, blockWeights(node, W, block), rows, width, fanIn, weightScale);
    if (blocks > 1) addBlock(into, out, blocks, fanIn, block);
  }
}

function addFactors(
  node: MatrixProductNode,
  { nodes }: TensorProgram,
  activations: Activations,
  signals: Signals,
  signal: Float64Array,
): void {
  const [a, b] = node.inputs;
  const [aSize, bSize, size] = [sizeOf(nodes[a]!), sizeOf(nodes[b]!), sizeOf(node)];
  const products = productsOf(node, nodes[a]!.width);
  const n = activations[a]!.length / aSize;
  for (let r = 0; r < signal.length / size; r++) {
    const s = rowAt(signal, r, size);
    products.first(rowAt(signals[a]!, r, aSize), s, rowAt(activations[b]!, r % n, bSize));
    products.second(rowAt(signals[b]!, r, bSize), s, rowAt(activations[a]!, r % n, aSize));
  }
}

/** into += signal ∘ factor, the factor [n, size] the same for every copy of the batch. */
function addScaled(into: Float64Array, signal: Float64Array, factor: Float64Array): void {
  for (let k = 0; k < into.length; k++) into[k] = into[k]! + signal[k]! * factor[k % factor.length]!;
}
