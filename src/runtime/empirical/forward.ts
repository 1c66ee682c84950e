/** The forward pass of a finite network. */
import { NtkcError } from '../../errors.ts';
import type { TensorNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { multiplyTransposed } from './matmul.ts';
import type { DenseNode, Parameters } from './parameters.ts';
import { type Seed, streamOf, subStream } from './random.ts';
import { requireFinite } from './requireFinite.ts';

/** The value of every node, in their order: [n, width of the node], row-major. The network's output is the last. */
export type Activations = readonly Float64Array[];

export const SCALE_ADVICE =
  'Check where its activations and their derivatives are defined, and the scale of its inputs and standard deviations.';

/**
 * @param x the batch, [n, width of the input], row-major.
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
  const width = program.nodes[0]!.width;
  if (n < 1 || x.length !== n * width) {
    throw new NtkcError({ what: `an input of ${x.length} numbers`, expected: `${n} samples of ${width} numbers` });
  }
  requireFinite(x, 'an input', 'Remove or replace such samples.');
  const values: Float64Array[] = [];
  for (const node of program.nodes) values.push(nodeValue(node, { parameters, values, x, n, noise }));
  requireFinite(values.at(-1)!, 'the output of the finite network', SCALE_ADVICE);
  return values;
}

interface Pass {
  readonly parameters: Parameters;
  /** Of the nodes before. */
  readonly values: Activations;
  readonly x: Float64Array;
  readonly n: number;
  readonly noise: Seed | undefined;
}

function nodeValue(node: TensorNode, { parameters, values, x, n, noise }: Pass): Float64Array {
  const read = 'inputs' in node ? node.inputs.map((input) => values[input]!) : [];
  switch (node.kind) {
    case 'input':
      return x;
    case 'dense':
      return dense(node, parameters, values[node.input]!, n);
    case 'elementwise':
      return mapped(values[node.input]!, activationOf(node.phi).value);
    case 'add':
      return sumOf(read);
    case 'multiply':
      return productOf(read);
    case 'concat':
      return sideBySide(read, n);
    case 'mean':
      return spread(values[node.input]!, node.width);
    case 'mask':
      return mask(n * node.width, node.keep, noise === undefined ? noise : subStream(noise, values.length));
  }
}

// z[n o] = weightScale · Σ_i h[n i] W[o i] + biasScale · b[o]
function dense(node: DenseNode, parameters: Parameters, h: Float64Array, n: number): Float64Array {
  const { W, b } = parameters[node.layer]!;
  const z = multiplyTransposed(h, W, n, node.width, node.fanIn, node.weightScale);
  if (node.bias === undefined || b === undefined) return z;
  for (let k = 0; k < z.length; k++) z[k] = z[k]! + node.bias.scale * b[k % node.width]!;
  return z;
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

/** out[r (c_1 c_2 ..)], from parts [r c_i] of any widths. */
export function sideBySide(parts: readonly Float64Array[], rows: number): Float64Array {
  const widths = parts.map((part) => part.length / rows);
  const width = widths.reduce((sum, w) => sum + w, 0);
  const out = new Float64Array(rows * width);
  let from = 0;
  parts.forEach((part, i) => {
    for (let r = 0; r < rows; r++) out.set(part.subarray(r * widths[i]!, (r + 1) * widths[i]!), r * width + from);
    from += widths[i]!;
  });
  return out;
}

/** out[r c] = (1/width) Σ_c' values[r c'] */
export function spread(values: Float64Array, width: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let from = 0; from < out.length; from += width) {
    let sum = 0;
    for (let c = from; c < from + width; c++) sum += values[c]!;
    out.fill(sum / width, from, from + width);
  }
  return out;
}

function mask(length: number, keep: number, seed: Seed | undefined): Float64Array {
  if (seed === undefined) return new Float64Array(length).fill(1);
  const stream = streamOf(seed);
  // The next 32 bits as a number in [0, 1).
  return new Float64Array(length).map(() => ((stream.next() + 2 ** 31) / 2 ** 32 < keep ? 1 / keep : 0));
}

export function addTo(out: Float64Array, values: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] = out[k]! + values[k]!;
}
