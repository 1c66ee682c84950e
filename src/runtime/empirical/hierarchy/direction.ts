/**
 * Vectors in parameter space, never written out: the weights of a layer get a sum of outer products, because one
 * sample's derivative with respect to W is a product of jets, signal ⊗ input.
 */
import { multiplyTransposed } from '../matmul.ts';
import type { DenseNode } from '../parameters.ts';

/** Part of one dense layer: V = weightScale · Σ_s signal[s o] input[s i], [width, fanIn]; bias part biasScale · signal[last o]. */
export interface LayerDirection {
  /** [2^k, width]: row S is the signal's coefficient of S. */
  readonly signal: Float64Array;
  /** [2^k, fanIn]: row S is the coefficient of the complement of S of what the layer reads. */
  readonly input: Float64Array;
}

/** One entry for each parametrised layer, in their order. */
export type Direction = readonly LayerDirection[];

/** Product of the scales that a layer's weights enter an inner product with. */
export const weightFactor = ({ weightScale }: DenseNode): number => weightScale * weightScale;
export const biasFactor = ({ bias }: DenseNode): number => (bias === undefined ? 0 : bias.scale * bias.scale);

/** ⟨v, w⟩ over all weights and biases, in O(2^(k + k') · width) a layer. */
export function innerProduct(layers: readonly DenseNode[], v: Direction, w: Direction): number {
  return layers.reduce((sum, node, l) => sum + layerProduct(node, v[l]!, w[l]!), 0);
}

function layerProduct(node: DenseNode, v: LayerDirection, w: LayerDirection): number {
  const { width, fanIn } = node;
  const [rows, cols] = [v.signal.length / width, w.signal.length / width];
  const signals = multiplyTransposed(v.signal, w.signal, rows, cols, width);
  const inputs = multiplyTransposed(v.input, w.input, rows, cols, fanIn);
  const weights = signals.reduce((sum, value, k) => sum + value * inputs[k]!, 0);
  return weightFactor(node) * weights + biasFactor(node) * signals[signals.length - 1]!;
}

/** [2^k, width] with the rows in reverse order: row S becomes that of the complement of S. */
export function complemented(jet: Float64Array, width: number): Float64Array {
  const out = new Float64Array(jet.length);
  for (let at = 0; at < jet.length; at += width) out.set(jet.subarray(at, at + width), jet.length - width - at);
  return out;
}

export const directionBytes = (direction: Direction): number =>
  direction.reduce((sum, { signal, input }) => sum + signal.byteLength + input.byteLength, 0);
