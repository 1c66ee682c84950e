/** What the tests of this folder share: golden values, and moves of parameters along a gradient by plain reverse mode. */
import { readFileSync } from 'node:fs';
import type { TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { backward } from '../backward.ts';
import { forward } from '../forward.ts';
import { addGradient, zeroParameters } from '../parameterGradient.ts';
import type { Parameters } from '../parameters.ts';

export interface Oracle {
  readonly widths: readonly number[];
  readonly parameters: unknown;
  readonly x: readonly (readonly number[])[];
  readonly values: readonly { readonly indices: readonly number[]; readonly value: number }[];
}

export const readOracle = (name: string): Oracle =>
  JSON.parse(readFileSync(new URL(`../../../../test/oracle/hierarchy/${name}.json`, import.meta.url), 'utf8'));

/** θ + t ∇f_output(sample; θ). */
export function moved(
  program: TensorProgram,
  parameters: Parameters,
  sample: Float64Array,
  t: number,
  output = 0,
): Parameters {
  const activations = forward(program, parameters, sample, 1);
  const signals = backward(program, parameters, activations, output);
  const gradient = zeroParameters(program);
  addGradient(program, gradient, activations, signals);
  const step = (values: Float64Array, slopes: Float64Array) => values.map((value, k) => value + t * slopes[k]!);
  return parameters.map(({ W, b }, l) => ({
    W: step(W, gradient[l]!.W),
    ...(b !== undefined && { b: step(b, gradient[l]!.b ?? new Float64Array(b.length)) }),
  }));
}

/** df/dt at 0, to fourth order in `step`. */
export const slopeAt = (f: (t: number) => number, step: number): number =>
  (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step);
