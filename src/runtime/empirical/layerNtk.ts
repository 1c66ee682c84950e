/**
 * The part of the NTK that one layer's parameters contribute, from what the layer reads (A) and the signals of its output
 * (B), those of all its uses side by side: the products of two samples' gradients Σ_P B[P o] A[P i], summed over o and i in the cheaper of two orders.
 */
import type { DenseNode } from '../../ir/tensor/tensorProgram.ts';
import { blockOf, blocksOf } from './layerBlocks.ts';
import { addTo } from './linear.ts';
import { multiplyTransposed } from './matmul.ts';
import { addTransposedProduct } from './transposedProduct.ts';

/** The two sides of the kernel as rows of one batch: samples 0 .. n1 − 1, and n2 samples from `offset` on. */
export interface Sides {
  readonly n: number;
  readonly n1: number;
  readonly n2: number;
  readonly offset: number;
}

/** A layer's inputs [n, positions, fanIn] and signals [copies · n, positions, width]. */
export interface LayerValues {
  readonly node: DenseNode;
  readonly positions: number;
  readonly inputs: Float64Array;
  readonly signals: Float64Array;
  readonly sides: Sides;
  readonly copies: number;
}

/**
 * Θ_l[n n'] = mean over the copies of the batch of
 * Σ_{P P'} (weightScale² A[n P] · A[n' P'] + biasScale²) (B[n P] · B[n' P']), positions that do not share weights apart.
 * @derived from the chain rule, ∂f/∂W[o i] = weightScale Σ_P B[P o] A[P i] and ∂f/∂b[o] = biasScale Σ_P B[P o]; held
 * against finite differences over every parameter
 */
export function layerNtk(
  node: DenseNode,
  read: Float64Array,
  written: Float64Array,
  sides: Sides,
  copies: number,
): Float64Array {
  const blocks = blocksOf(node);
  const positions = read.length / (sides.n * node.fanIn * blocks);
  const out = new Float64Array(sides.n1 * sides.n2);
  const { pairs, gradients } = ntkCosts(node, blocks * positions, sides, copies);
  const parts = positions === 1 ? byVectors : pairs < gradients ? byPairs : byGradients;
  for (let block = 0; block < blocks; block++) {
    const inputs = blockOf(read, blocks, node.fanIn, block);
    const signals = blockOf(written, blocks, node.width, block);
    addTo(out, parts({ node, positions, inputs, signals, sides, copies }));
  }
  return out;
}

/** out[n1 n2] = scale · Σ_c v[n1 c] v[n2 c], over the two sides of the copy of the batch that starts at `row`. */
export function gramBlock(values: Float64Array, width: number, sides: Sides, row: number, scale: number): Float64Array {
  const rowsFrom = (start: number, count: number) => values.subarray(start * width, (start + count) * width);
  const left = rowsFrom(row, sides.n1);
  const right = rowsFrom(row + sides.offset, sides.n2);
  return multiplyTransposed(left, right, sides.n1, sides.n2, width, scale);
}

const biasFactor = ({ bias }: DenseNode): number => (bias === undefined ? 0 : bias.scale ** 2);

/** One position: (weightScale² A Aᵀ + biasScale²) ∘ (B Bᵀ). */
function byVectors({ node, inputs, signals, sides, copies }: LayerValues): Float64Array {
  const inputGram = gramBlock(inputs, node.fanIn, sides, 0, node.weightScale ** 2);
  const signalGram = new Float64Array(inputGram.length);
  for (let copy = 0; copy < copies; copy++)
    addTo(signalGram, gramBlock(signals, node.width, sides, copy * sides.n, 1 / copies));
  const biasPart = biasFactor(node);
  return inputGram.map((value, k) => (value + biasPart) * signalGram[k]!);
}

/** Gradients held at once, both sides together. */
const gradientBytes = 2 ** 28;

/** Samples whose gradients are held at once, of each side. */
const rowsHeld = ({ width, fanIn }: DenseNode) => Math.max(1, Math.floor(gradientBytes / (16 * width * (fanIn + 1))));

/** Multiply-adds of the two orders, of all sets of weights of a layer together, `total` positions. */
export function ntkCosts(
  node: DenseNode,
  total: number,
  { n1, n2 }: Sides,
  copies: number,
): { readonly pairs: number; readonly gradients: number } {
  const { width, fanIn } = node;
  const blocks = blocksOf(node);
  const positions = total / blocks;
  const passes = Math.ceil(n1 / rowsHeld(node));
  return {
    pairs: blocks * n1 * n2 * positions ** 2 * (fanIn + copies * width),
    gradients: blocks * copies * width * fanIn * ((n1 + passes * n2) * positions + n1 * n2),
  };
}

/** For each pair of samples the Gram matrices over positions. */
export function byPairs({ node, positions, inputs, signals, sides, copies }: LayerValues): Float64Array {
  const { width, fanIn, weightScale } = node;
  const { n, n1, n2, offset } = sides;
  const out = new Float64Array(n1 * n2);
  const rows = (values: Float64Array, size: number, r: number) =>
    values.subarray(r * positions * size, (r + 1) * positions * size);
  const biasPart = biasFactor(node);
  for (let i = 0; i < n1; i++)
    for (let j = offset === 0 ? i : 0; j < n2; j++) {
      const [a, b] = [rows(inputs, fanIn, i), rows(inputs, fanIn, offset + j)];
      const inputGram = multiplyTransposed(a, b, positions, positions, fanIn, weightScale ** 2);
      let sum = 0;
      for (let copy = 0; copy < copies; copy++) {
        const [s, t] = [rows(signals, width, copy * n + i), rows(signals, width, copy * n + offset + j)];
        const signalGram = multiplyTransposed(s, t, positions, positions, width, 1 / copies);
        for (let k = 0; k < signalGram.length; k++) sum += (inputGram[k]! + biasPart) * signalGram[k]!;
      }
      out[i * n2 + j] = sum;
      if (offset === 0) out[j * n2 + i] = sum;
    }
  return out;
}

/** Each sample's gradient with respect to the layer, summed over positions, then their Gram matrix: some samples at a time. */
export function byGradients(layer: LayerValues): Float64Array {
  const { node, sides, copies } = layer;
  const { n, n1, n2, offset } = sides;
  const size = node.width * (node.fanIn + 1);
  const held = rowsHeld(node);
  const out = new Float64Array(n1 * n2);
  for (let copy = 0; copy < copies; copy++)
    for (let i = 0; i < n1; i += held) {
      const left = gradients(layer, copy * n, i, Math.min(held, n1 - i));
      for (let j = offset === 0 ? i : 0; j < n2; j += held) {
        const same = offset === 0 && i === j;
        const right = same ? left : gradients(layer, copy * n, offset + j, Math.min(held, n2 - j));
        const [rows, cols] = [left.length / size, right.length / size];
        const gram = multiplyTransposed(left, right, rows, cols, size, 1 / copies);
        gram.forEach((value, k) => {
          const [r, c] = [i + Math.floor(k / cols), j + (k % cols)];
          out[r * n2 + c] = out[r * n2 + c]! + value;
          if (offset === 0 && !same) out[c * n2 + r] = out[c * n2 + r]! + value;
        });
      }
    }
  return out;
}

/** [count, width · fanIn weights and width biases], samples from `from` on of the copy that starts at row `start`. */
function gradients(
  { node, positions, inputs, signals }: LayerValues,
  start: number,
  from: number,
  count: number,
): Float64Array {
  const { width, fanIn, weightScale } = node;
  const size = width * (fanIn + 1);
  const out = new Float64Array(count * size);
  for (let r = 0; r < count; r++) {
    const signal = signals.subarray((start + from + r) * positions * width, (start + from + r + 1) * positions * width);
    const input = inputs.subarray((from + r) * positions * fanIn, (from + r + 1) * positions * fanIn);
    const into = out.subarray(r * size, (r + 1) * size);
    addTransposedProduct(into, signal, input, positions, width, fanIn, weightScale);
    const biasScale = node.bias?.scale ?? 0;
    for (let k = 0; k < signal.length; k++) {
      const at = width * fanIn + (k % width);
      into[at] = into[at]! + biasScale * signal[k]!;
    }
  }
  return out;
}
