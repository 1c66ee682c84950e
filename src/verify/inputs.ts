/** Inputs for tests: rows of about unit mean square, some of them in the positions where kernels are delicate. */
import { NtkcError } from '../errors.ts';
import { type Program, positionsOf, type Statement } from '../ir/program/index.ts';
import { normals } from '../runtime/empirical/index.ts';
import type { Inputs } from '../runtime/kernel.ts';
import { firstEmptied } from '../runtime/masks.ts';

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

/** What rows hold after the numbers of an input: 1 or 0 for each position, and a pattern over positions. */
export interface Given {
  readonly positions: number;
  readonly hasMask: boolean;
  readonly hasPattern: boolean;
  /** Of a sequence cut short: what strides and slices need to leave something of it. */
  readonly leastLength: number;
}

const nothingGiven: Given = { positions: 1, hasMask: false, hasPattern: false, leastLength: 1 };

export function givenOf(program: Program): Given {
  const has = (kind: Statement['kind']) => program.statements.some((s) => s.kind === kind);
  const positions = positionsOf(program.extents);
  const hasMask = has('present');
  let leastLength = 1;
  const isTooShort = () => firstEmptied(new Float64Array(positions).fill(1, 0, leastLength), program) !== undefined;
  while (hasMask && leastLength < positions && isTooShort()) leastLength++;
  return { positions, hasMask, hasPattern: has('pattern'), leastLength };
}

/**
 * Rows with what is given beside them: every other sequence is cut short, to different lengths, and each sample has a
 * random graph, its edges weighted by the inverse degree.
 */
export function withGiven(rows: Rows, { positions, hasMask, hasPattern, leastLength }: Given, seed: number): Rows {
  return rows.map((row, i) => {
    const length = i % 2 === 0 ? positions : Math.max(leastLength, Math.ceil((positions * 2) / (i + 2)));
    const present = Array.from({ length: positions }, (_, p) => Number(!hasMask || p < length));
    const channels = row.length / positions;
    const numbers = row.map((v, k) => v * present[Math.floor(k / channels)]!);
    const pattern = hasPattern ? randomGraph(positions, [seed, -1, 100 + i]) : [];
    return [...numbers, ...(hasMask ? present : []), ...pattern];
  });
}

function randomGraph(nodes: number, seed: readonly number[]): readonly number[] {
  const draws = normals(nodes ** 2, 1, seed);
  const edge = (p: number, r: number) => Number(p === r || draws[Math.min(p, r) * nodes + Math.max(p, r)]! > 0);
  return Array.from({ length: nodes }, (_, p) => {
    const row = Array.from({ length: nodes }, (__, r) => edge(p, r));
    const degree = row.reduce((sum, v) => sum + v, 0);
    return row.map((v) => v / degree);
  }).flat();
}

/** The given rows and, for laws, the hard cases: a near duplicate, an exact opposite, large and small norms, zero. */
export function withHardCases(rows: Rows, features: number = rows[0]!.length): Rows {
  const [first, second] = [rows[0]!, rows[1] ?? rows[0]!];
  const changed = (row: readonly number[], f: (v: number, c: number) => number) =>
    row.map((v, c) => (c < features ? f(v, c) : v));
  return [
    ...rows,
    changed(first, (v, c) => v * (c % 2 === 0 ? 1 + 1e-5 : 1 - 1e-5)),
    changed(second, (v) => -v),
    changed(first, (v) => 3 * v),
    changed(second, (v) => 0.01 * v),
    changed(first, () => 0),
  ];
}

/** @throws NtkcError where a row has the wrong length or holds something else than finite numbers */
export function toInputs(rows: Rows, features: number, given: Given = nothingGiven): Inputs {
  if (rows.length === 0) throw new NtkcError({ what: 'no inputs to verify with', expected: 'at least one row' });
  const { positions, hasMask, hasPattern } = given;
  const maskEnd = features + (hasMask ? positions : 0);
  const size = maskEnd + (hasPattern ? positions ** 2 : 0);
  const beside = [...(hasMask ? ['its mask'] : []), ...(hasPattern ? ['its pattern'] : [])].join(' and ');
  rows.forEach((row, i) => {
    if (row.length !== size)
      throw new NtkcError({
        what: `a row of ${row.length} numbers`,
        where: `inputs[${i}]`,
        expected: `${size}, ${beside === '' ? "as the network's input.shape says" : `${features} of the input, then ${beside}`}`,
      });
    const wrong = row.findIndex((v) => !Number.isFinite(v));
    if (wrong >= 0)
      throw new NtkcError({ what: `${row[wrong]}`, where: `inputs[${i}][${wrong}]`, expected: 'a finite number' });
  });
  const part = (from: number, to: number) => Float64Array.from(rows.flatMap((row) => row.slice(from, to)));
  return {
    data: part(0, features),
    n: rows.length,
    ...(hasMask && { present: part(features, maskEnd) }),
    ...(hasPattern && { patterns: part(maskEnd, size) }),
  };
}
