/** The forward pass of a finite network. */
import { NtkcError } from '../../errors.ts';
import type { TensorNode, TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { activationOf } from './activation.ts';
import { multiplyTransposed } from './matmul.ts';
import type { DenseNode, Parameters } from './parameters.ts';
import { requireFinite } from './requireFinite.ts';

/** The value of every node, in their order: [n, width of the node], row-major. The network's output is the last. */
export type Activations = readonly Float64Array[];

export const SCALE_ADVICE =
  'Check where its activations and their derivatives are defined, and the scale of its inputs and standard deviations.';

/**
 * @param x the batch, [n, width of the input], row-major.
 * @throws NtkcError where x has the wrong length, or x or the output is not finite.
 */
export function forward(program: TensorProgram, parameters: Parameters, x: Float64Array, n: number): Activations {
  const width = program.nodes[0]!.width;
  if (n < 1 || x.length !== n * width) {
    throw new NtkcError({ what: `an input of ${x.length} numbers`, expected: `${n} samples of ${width} numbers` });
  }
  requireFinite(x, 'an input', 'Remove or replace such samples.');
  const values: Float64Array[] = [];
  for (const node of program.nodes) values.push(nodeValue(node, parameters, values, x, n));
  requireFinite(values.at(-1)!, 'the output of the finite network', SCALE_ADVICE);
  return values;
}

function nodeValue(
  node: TensorNode,
  parameters: Parameters,
  values: Activations,
  x: Float64Array,
  n: number,
): Float64Array {
  switch (node.kind) {
    case 'input':
      return x;
    case 'dense':
      return dense(node, parameters, values[node.input]!, n);
    case 'elementwise':
      return mapped(values[node.input]!, activationOf(node.phi).value);
    case 'add':
      return sumOf(node.inputs.map((input) => values[input]!));
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

function sumOf([first, ...others]: readonly Float64Array[]): Float64Array {
  const out = first!.slice();
  for (const other of others) addTo(out, other);
  return out;
}

export function addTo(out: Float64Array, values: Float64Array): void {
  for (let k = 0; k < out.length; k++) out[k] = out[k]! + values[k]!;
}
