/** Inputs for tests: rows of about unit mean square, some of them in the positions where kernels are delicate. */
import { NtkcError } from '../errors.ts';
import { normals } from '../runtime/empirical/index.ts';
import type { Inputs } from '../runtime/kernel.ts';

export type Rows = readonly (readonly number[])[];

/**
 * Five inputs x[5 d]: three generic ones of different norms, one about 0.3 rad from the first and one about 2.8 rad from
 * the second (for d = 1, other multiples of them). Near, but not so near that an entry would repeat another.
 */
export function defaultInputs(features: number, seed: number): Rows {
  const draw = (part: number) => [...normals(features, 1, [seed, -1, part])];
  const scaled = (row: readonly number[], norm: number) => {
    const size = Math.sqrt(row.reduce((s, v) => s + v * v, 0) / features);
    return row.map((v) => (v * norm) / size);
  };
  const beside = (row: readonly number[], factor: number, angle: number, part: number) => {
    const step = scaled(draw(part), Math.tan(angle));
    return row.map((v, c) => factor * (v + step[c]!));
  };
  const [a, b, c] = [scaled(draw(0), 1), scaled(draw(1), 0.8), scaled(draw(2), 1.25)];
  return [a, b, c, beside(a, 0.9, 0.3, 3), beside(b, -1.1, 0.3, 4)];
}

/** The given rows and, for laws, the hard cases: a near duplicate, an exact opposite, large and small norms, zero. */
export function withHardCases(rows: Rows): Rows {
  const [first, second] = [rows[0]!, rows[1] ?? rows[0]!];
  const near = first.map((v, c) => v * (c % 2 === 0 ? 1 + 1e-5 : 1 - 1e-5));
  return [
    ...rows,
    near,
    second.map((v) => -v),
    first.map((v) => 3 * v),
    second.map((v) => 0.01 * v),
    first.map(() => 0),
  ];
}

/** @throws NtkcError where a row has the wrong length or holds something else than finite numbers */
export function toInputs(rows: Rows, features: number): Inputs {
  if (rows.length === 0) throw new NtkcError({ what: 'no inputs to verify with', expected: 'at least one row' });
  rows.forEach((row, i) => {
    if (row.length !== features)
      throw new NtkcError({
        what: `a row of ${row.length} numbers`,
        where: `inputs[${i}]`,
        expected: `${features}, as the network's input.shape says`,
      });
    const wrong = row.findIndex((v) => !Number.isFinite(v));
    if (wrong >= 0)
      throw new NtkcError({ what: `${row[wrong]}`, where: `inputs[${i}][${wrong}]`, expected: 'a finite number' });
  });
  return { data: Float64Array.from(rows.flat()), n: rows.length };
}
