/** The forward pass of a finite network. */
import { NtkcError } from '../../errors.ts';
import {
  type DenseNode,
  type MatrixProductNode,
  sampleSize,
  sizeOf,
  type TensorNode,
  type TensorProgram,
} from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { addBlock, blockOf, blockProduct, blocksOf } from './layerBlocks.ts';
import { addTo, applied, sideBySide } from './linear.ts';
import { productsOf, rowAt } from './matrixProduct.ts';
import type { LayerParameters, Parameters } from './parameters.ts';
import { type Seed, streamOf, subStream } from './random.ts';
import { requireFinite } from './requireFinite.ts';

/** The value of every node, in their order: [n, positions, width of the node], row-major. The network's output is the last. */
export type Activations = readonly Float64Array[];

export const SCALE_ADVICE =
  'Check where its activations and their derivatives are defined, and the scale of its inputs and standard deviations.';

/**
 * @param x the batch, [n, sampleSize]: each row an input, [positions, width], and what is given with it.
 * @param noise seed of the masks of this pass (dropout); without one each mask is its mean, 1.
 * @throws NtkcError where x has the wrong length, or x or the output is not finite.
 */
export function forward(
  program: TensorProgram,
  parameters: Parameters,
  x: Float64Array,
  n: number,
  noise?: Seed,
): Activations {
  const size = sampleSize(program);
  if (n < 1 || x.length !== n * size) {
    throw new NtkcError({ what: `an input of ${x.length} numbers`, expected: `${n} samples of ${size} numbers` });
  }
  requireFinite(x, 'an input', 'Remove or replace such samples.');
  const values: Float64Array[] = [];
  for (const node of program.nodes) values.push(nodeValue(node, { program, parameters, values, x, n, noise }));
  requireFinite(values.at(-1)!, 'the output of the finite network', SCALE_ADVICE);
  return values;
}

interface Pass {
  readonly program: TensorProgram;
  readonly parameters: Parameters;
  /** Of the nodes before. */
  readonly values: Activations;
  readonly x: Float64Array;
  readonly n: number;
  readonly noise: Seed | undefined;
}

function nodeValue(node: TensorNode, pass: Pass): Float64Array {
  const { program, parameters, values, x, n, noise } = pass;
  const read = 'inputs' in node ? node.inputs.map((input) => values[input]!) : [];
  switch (node.kind) {
    case 'input':
      return columns(x, n, 0, sizeOf(node));
    case 'given':
      return columns(x, n, node.offset, sizeOf(node));
    case 'dense':
      return dense(node, parameters[node.layer]!, values[node.input]!);
    case 'elementwise':
      return mapped(values[node.input]!, activationOf(node.phi).value);
    case 'add':
      return sumOf(read);
    case 'multiply':
      return productOf(read);
    case 'matrixProduct':
      return matrixProduct(node, pass);
    case 'concat':
      return sideBySide(read, n * node.blocks);
    case 'mask':
      return mask(n * sizeOf(node), node.keep, noise === undefined ? noise : subStream(noise, values.length));
    default:
      return applied(node, program.nodes[node.input]!, values[node.input]!, n);
  }
}

/** `count` numbers of each of n rows; the rows themselves where these are all. */
export function columns(x: Float64Array, n: number, from: number, count: number): Float64Array {
  const size = x.length / n;
  if (count === size) return x;
  const out = new Float64Array(n * count);
  for (let r = 0; r < n; r++) out.set(x.subarray(r * size + from, r * size + from + count), r * count);
  return out;
}

// z[(n P) o] = weightScale · Σ_i h[(n P) i] W[o i] + biasScale · b[o]
function dense(node: DenseNode, { W, b }: LayerParameters, h: Float64Array): Float64Array {
  const { width, fanIn } = node;
  const blocks = blocksOf(node);
  const out = blocks === 1 ? undefined : new Float64Array((h.length / fanIn) * width);
  for (let block = 0; block < blocks; block++) {
    const read = blockOf(h, blocks, fanIn, block);
    const z = blockProduct(node, W, block, read);
    if (node.bias !== undefined && b !== undefined)
      for (let k = 0; k < z.length; k++) z[k] = z[k]! + node.bias.scale * b[block * width + (k % width)]!;
    if (out === undefined) return z;
    addBlock(out, z, blocks, width, block);
  }
  return out!;
}

function matrixProduct(node: MatrixProductNode, { program, values, n }: Pass): Float64Array {
  const [a, b] = node.inputs.map((input) => program.nodes[input]!) as [TensorNode, TensorNode];
  const products = productsOf(node, a.width);
  const size = sizeOf(node);
  const out = new Float64Array(n * size);
  for (let r = 0; r < n; r++)
    products.value(
      rowAt(out, r, size),
      rowAt(values[node.inputs[0]]!, r, sizeOf(a)),
      rowAt(values[node.inputs[1]]!, r, sizeOf(b)),
    );
  return out;
}

export function mapped(values: Float64Array, f: (x: number) => number): Float64Array {
  const out = new Float64Array(values.length);
  for (let k = 0; k < out.length; k++) out[k] = f(values[k]!);
  return out;
}

export function sumOf([first, ...others]: readonly Float64Array[]): Float64Array {
  const out = first!.slice();
  for (const other of others) addTo(out, other);
  return out;
}

export function productOf([first, ...others]: readonly Float64Array[]): Float64Array {
  const out = first!.slice();
  for (const other of others) for (let k = 0; k < out.length; k++) out[k] = out[k]! * other[k]!;
  return out;
}

function mask(length: number, keep: number, seed: Seed | undefined): Float64Array {
  if (seed === undefined) return new Float64Array(length).fill(1);
  const stream = streamOf(seed);
  // The next 32 bits as a number in [0, 1).
  return new Float64Array(length).map(() => ((stream.next() + 2 ** 31) / 2 ** 32 < keep ? 1 / keep : 0));
}
