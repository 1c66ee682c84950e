/** A layer whose weights differ by position is one dense layer a position: blocks, which all other code takes one by one. */
import { positionsOf } from '../../ir/program/index.ts';
import type { DenseNode } from '../../ir/tensor/tensorProgram.ts';
import { addTo } from './linear.ts';
import { multiplyTransposed } from './matmul.ts';

/** How many sets of weights a layer has. */
export const blocksOf = ({ perPosition, extents }: DenseNode): number => (perPosition ? positionsOf(extents) : 1);

/** Positions that share a set of weights. */
export const sharingOf = (node: DenseNode): number => positionsOf(node.extents) / blocksOf(node);

/** The rows of a value [rows positions, width] that block `block` reads or writes; the value itself where all share. */
export function blockOf(values: Float64Array, blocks: number, width: number, block: number): Float64Array {
  if (blocks === 1) return values;
  const out = new Float64Array(values.length / blocks);
  for (let r = 0; r * width < out.length; r++) {
    const from = (r * blocks + block) * width;
    out.set(values.subarray(from, from + width), r * width);
  }
  return out;
}

/** into += the rows of one block. */
export function addBlock(into: Float64Array, rows: Float64Array, blocks: number, width: number, block: number): void {
  if (blocks === 1) {
    addTo(into, rows);
    return;
  }
  for (let k = 0; k < rows.length; k++) {
    const at = (Math.floor(k / width) * blocks + block) * width + (k % width);
    into[at] = into[at]! + rows[k]!;
  }
}

/** Weights of one block, [width, fanIn]. */
export const blockWeights = ({ width, fanIn }: DenseNode, W: Float64Array, block: number): Float64Array =>
  W.subarray(block * width * fanIn, (block + 1) * width * fanIn);

/** weightScale · Σ_i read[r i] W[o i] with the weights of one block, [rows, width]. */
export const blockProduct = (node: DenseNode, W: Float64Array, block: number, read: Float64Array): Float64Array =>
  multiplyTransposed(
    read,
    blockWeights(node, W, block),
    read.length / node.fanIn,
    node.width,
    node.fanIn,
    node.weightScale,
  );
