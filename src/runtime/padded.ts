/** Samples of different lengths as inputs of one shape. */
import { jsonPath, NtkcError } from '../errors.ts';
import { type Program, positionsOf } from '../ir/program/index.ts';
import type { Inputs } from './kernel.ts';

/** Nested lists of numbers. */
export interface NestedNumbers extends ReadonlyArray<number | NestedNumbers> {}

/**
 * Nested lists [n, ...extents, channels] that may end before the network's extents do: positions after the end are zeros
 * and not present.
 * @throws NtkcError naming the place of a list that is too long, or of what is no number
 */
export function padded(
  rows: readonly NestedNumbers[],
  { extents, features }: Pick<Program, 'extents' | 'features'>,
  name: string,
): Inputs {
  const positions = positionsOf(extents);
  const channels = features / positions;
  const data = new Float64Array(rows.length * features);
  const present = new Float64Array(rows.length * positions);
  const visit = (list: NestedNumbers, position: number, path: readonly number[]) => {
    const extent = extents[path.length - 1];
    if (extent === undefined) {
      requireLength(list, channels, channels, path);
      list.forEach((value, c) => {
        if (typeof value !== 'number') throw notNumber(value, [...path, c]);
        data[position * channels + c] = value;
      });
      present[position] = 1;
      return;
    }
    requireLength(list, 0, extent, path);
    list.forEach((inner, i) => {
      if (!Array.isArray(inner)) throw notNumber(inner, [...path, i]);
      visit(inner, position * extent + i, [...path, i]);
    });
  };
  const requireLength = (list: NestedNumbers, least: number, most: number, path: readonly number[]) => {
    if (Array.isArray(list) && list.length >= least && list.length <= most) return;
    throw new NtkcError({
      what: `a list of ${list.length} entries`,
      where: jsonPath(name, path),
      expected: least === most ? `${most} numbers, the channels of a position` : `at most ${most} entries`,
    });
  };
  const notNumber = (value: unknown, path: readonly number[]) =>
    new NtkcError({
      what: `${JSON.stringify(value)} stands here`,
      where: jsonPath(name, path),
      expected: `nested lists of shape [n, ${[...extents, channels].join(', ')}]`,
    });
  for (const [i, row] of rows.entries()) {
    if (!Array.isArray(row)) throw notNumber(row, [i]);
    visit(row, i, [i]);
  }
  return { data, n: rows.length, present };
}

/** Inputs where NaN in all channels says that a position is absent. */
export function absentWhereNaN(data: Float64Array, n: number, channels: number): Inputs {
  const present = new Float64Array(data.length / channels);
  present.forEach((_, position) => {
    const at = data.subarray(position * channels, (position + 1) * channels);
    if (at.every(Number.isNaN)) at.fill(0);
    else present[position] = 1;
  });
  return { data, n, present };
}
