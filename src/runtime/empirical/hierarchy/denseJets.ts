/** A dense layer at θ + Σ ε_i v_i in the algebra of jets, and its transpose. */
import type { DenseNode } from '../../../ir/tensor/tensorProgram.ts';
import { addBlock, blockOf, blockProduct, blocksOf, blockWeights, sharingOf } from '../layerBlocks.ts';
import { addProduct, multiplyTransposed } from '../matmul.ts';
import type { LayerParameters } from '../parameters.ts';
import { biasFactor, type LayerDirection, lastSignal, outerProducts, partOf, weightFactor } from './direction.ts';
import { type Jet, subsetsOf } from './jet.ts';

/** z = weightScale · (W + Σ ε_i V_i) h + biasScale · (b + Σ ε_i v_i), jets [2^k, positions, width]. */
export function denseJet(
  node: DenseNode,
  { W, b }: LayerParameters,
  directions: readonly LayerDirection[],
  h: Jet,
): Jet {
  const { width, fanIn } = node;
  const blocks = blocksOf(node);
  const positions = sharingOf(node);
  const out = new Float64Array((h.length / fanIn) * width);
  for (let block = 0; block < blocks; block++) {
    const read = blockOf(h, blocks, fanIn, block);
    const z = blockProduct(node, W, block, read);
    if (node.bias !== undefined && b !== undefined)
      addRows(z.subarray(0, positions * width), b.subarray(block * width, (block + 1) * width), node.bias.scale);
    directions.forEach((direction, i) => {
      const part = partOf(node, direction, block);
      addShifted(z, read, { node, i, left: part.input, right: part.signal, from: fanIn, to: width });
      const at = subsetsOf(i) * positions * width;
      addRows(z.subarray(at, at + positions * width), lastSignal(node, part), biasFactor(node));
    });
    addBlock(out, z, blocks, width, block);
  }
  return out;
}

/** into += weightScale · (W + Σ ε_i V_i)ᵀ signal. */
export function addDenseTransposed(
  node: DenseNode,
  { W }: LayerParameters,
  directions: readonly LayerDirection[],
  into: Jet,
  signal: Jet,
): void {
  const { width, fanIn } = node;
  const blocks = blocksOf(node);
  for (let block = 0; block < blocks; block++) {
    const read = blockOf(signal, blocks, width, block);
    const rows = read.length / width;
    const h = new Float64Array(rows * fanIn);
    addProduct(h, read, blockWeights(node, W, block), rows, width, fanIn, node.weightScale);
    directions.forEach((direction, i) => {
      const part = partOf(node, direction, block);
      addShifted(h, read, { node, i, left: part.signal, right: part.input, from: width, to: fanIn });
    });
    addBlock(into, h, blocks, fanIn, block);
  }
}

interface Shift {
  readonly node: DenseNode;
  /** The nilpotent ε_i that the rank-one terms carry. */
  readonly i: number;
  /** [rank, from] and [rank, to]. */
  readonly left: Float64Array;
  readonly right: Float64Array;
  /** Widths of what is read and what is written. */
  readonly from: number;
  readonly to: number;
}

/** out += weightScale² · ε_i Σ_s right_s ⟨left_s, read⟩, jets [2^k, positions, ...]; where the rank is high by the matrix itself. */
function addShifted(out: Jet, read: Jet, { node, i, left, right, from, to }: Shift): void {
  const positions = sharingOf(node);
  const rows = read.length / from;
  const rank = left.length / from;
  const scale = weightFactor(node);
  if (rank * rows * (from + to) <= (rank + rows) * from * to) {
    const products = multiplyTransposed(read, left, rows, rank, from);
    addProduct(out, shifted(products, i, positions * rank), right, rows, rank, to, scale);
    return;
  }
  const matrix = outerProducts({ width: from, fanIn: to }, { signal: left, input: right });
  addProduct(out, shifted(read, i, positions * from), matrix, rows, from, to, scale);
}

/** ε_i · jet: the rows [size] of subsets that hold i from those without it, others 0. */
function shifted(jet: Jet, i: number, size: number): Jet {
  const out = new Float64Array(jet.length);
  for (let set = 0; set * size < jet.length; set++) {
    if ((set & (1 << i)) === 0) continue;
    const source = (set ^ (1 << i)) * size;
    out.set(jet.subarray(source, source + size), set * size);
  }
  return out;
}

/** rows[r o] += scale · values[o] */
function addRows(rows: Float64Array, values: Float64Array, scale: number): void {
  if (scale === 0) return;
  for (let k = 0; k < rows.length; k++) rows[k] = rows[k]! + scale * values[k % values.length]!;
}
