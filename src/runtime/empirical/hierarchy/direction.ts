/**
 * Vectors in parameter space, never written out: the weights of a layer get a sum of outer products, because one
 * sample's derivative with respect to W is a product of jets, signal ⊗ input, summed over positions.
 */
import { type DenseNode, sizeOf } from '../../../ir/tensor/tensorProgram.ts';
import { blockOf, blocksOf } from '../layerBlocks.ts';
import { multiplyTransposed } from '../matmul.ts';
import { addTransposedProduct } from '../transposedProduct.ts';

/**
 * Part of one dense layer: V = weightScale · Σ_s Σ_P signal[s P o] input[s P i], [width, fanIn], where positions share
 * weights, else one such V a position, without the sum over P; bias part biasScale · Σ_P signal[last P o].
 */
export interface LayerDirection {
  /** [2^k, positions, width]: row S is the signal's coefficient of S. */
  readonly signal: Float64Array;
  /** [2^k, positions, fanIn]: row S is the coefficient of the complement of S of what the layer reads. */
  readonly input: Float64Array;
  /** Of all nodes that use the layer. */
  readonly positions: number;
}

/** One entry for each parametrised layer, in their order. */
export type Direction = readonly LayerDirection[];

/** Product of the scales that a layer's weights enter an inner product with. */
export const weightFactor = ({ weightScale }: DenseNode): number => weightScale * weightScale;
export const biasFactor = ({ bias }: DenseNode): number => (bias === undefined ? 0 : bias.scale * bias.scale);

/** ⟨v, w⟩ over all weights and biases, in O(2^(k + k') · width) a layer of vectors. */
export function innerProduct(layers: readonly DenseNode[], v: Direction, w: Direction): number {
  return layers.reduce((sum, node, l) => {
    const blocks = blocksOf(node);
    let total = sum;
    for (let b = 0; b < blocks; b++) total += blockProduct(node, partOf(node, v[l]!, b), partOf(node, w[l]!, b));
    return total;
  }, 0);
}

/** What one set of weights of a layer gets: its rows of signal and input. */
export function partOf(node: DenseNode, direction: LayerDirection, block: number): LayerDirection {
  const blocks = blocksOf(node);
  return {
    signal: blockOf(direction.signal, blocks, node.width, block),
    input: blockOf(direction.input, blocks, node.fanIn, block),
    positions: direction.positions / blocks,
  };
}

/** Σ_s signal[s o] input[s i], [width, fanIn]. */
export function outerProducts(
  { width, fanIn }: Pick<DenseNode, 'width' | 'fanIn'>,
  { signal, input }: Pick<LayerDirection, 'signal' | 'input'>,
): Float64Array {
  const out = new Float64Array(width * fanIn);
  addTransposedProduct(out, signal, input, signal.length / width, width, fanIn);
  return out;
}

/** Σ_P signal[last P o], [width]. */
export function lastSignal({ width }: DenseNode, { signal, positions }: LayerDirection): Float64Array {
  const out = new Float64Array(width);
  for (let k = signal.length - positions * width; k < signal.length; k++) out[k % width] = out[k % width]! + signal[k]!;
  return out;
}

function blockProduct(node: DenseNode, v: LayerDirection, w: LayerDirection): number {
  const { width, fanIn } = node;
  const [rows, cols] = [v.signal.length / width, w.signal.length / width];
  const bias = biasFactor(node);
  const biases = bias === 0 ? 0 : bias * dot(lastSignal(node, v), lastSignal(node, w));
  const written = (rows + cols + 1) * width * fanIn;
  if (written < rows * cols * (width + fanIn))
    return weightFactor(node) * dot(outerProducts(node, v), outerProducts(node, w)) + biases;
  const signals = multiplyTransposed(v.signal, w.signal, rows, cols, width);
  const inputs = multiplyTransposed(v.input, w.input, rows, cols, fanIn);
  return weightFactor(node) * dot(signals, inputs) + biases;
}

const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, value, k) => sum + value * b[k]!, 0);

/** [2^k, size] with the rows in reverse order: row S becomes that of the complement of S. */
export function complemented(jet: Float64Array, size: number): Float64Array {
  const out = new Float64Array(jet.length);
  for (let at = 0; at < jet.length; at += size) out.set(jet.subarray(at, at + size), jet.length - size - at);
  return out;
}

export const inputSizeOf = (node: DenseNode): number => (sizeOf(node) / node.width) * node.fanIn;

export const directionBytes = (direction: Direction): number =>
  direction.reduce((sum, { signal, input }) => sum + signal.byteLength + input.byteLength, 0);
