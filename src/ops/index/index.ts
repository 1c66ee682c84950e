import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import type { Shape } from '../../ir/arch/index.ts';
import type { ShiftAxis } from '../../ir/program/index.ts';
import { defineOp } from '../op.ts';
import { requireAxes } from '../window.ts';

/** A position, or from (included), to (excluded) and step; negative positions count from the end. */
const place = z.union(
  [z.int(), z.tuple([z.int(), z.int()]), z.tuple([z.int(), z.int(), z.int().positive()])],
  'a position such as 2, or positions [from, to] or [from, to, step], such as [0, 3]',
);
type Place = z.output<typeof place>;

/** K[P P'] ← K[p(P) p(P')]: some positions of a value, all channels. */
export const op = defineOp({
  name: 'index',
  summary: 'some positions: for each axis a position or [from, to, step]; positions alone give a vector',
  fields: { at: z.array(place, 'a list with an entry for each axis, such as [2, [0, 3]]').min(1) },
  shape: ({ at }, [input = []]) => {
    const width = input.at(-1) as number;
    const extents = chosen(at, input).map((positions) => positions.length);
    return at.every(isOne) ? [width] : [...extents, width];
  },
  kernel: ({ at }, { extents }) => {
    const axes = readBy(at, extents);
    const isVector = at.every(isOne);
    return {
      kind: 'linear',
      name: 'the kernel at some positions',
      source: 'neural-tangents Index',
      nngp: (b, k) => (isVector ? b.reduce(b.shiftSum(k, 1, axes), 'diagonal', 1) : b.shiftSum(k, 1, axes)),
      tangent: (b, t) => (isVector ? b.reduce(b.shiftSum(t, 1, axes), 'diagonal', 1) : b.shiftSum(t, 1, axes)),
    };
  },
  forward: ({ at }, b, [input]) => {
    const some = b.patches(input as number, readBy(at, b.extentsOf(input as number)));
    return at.every(isOne) ? b.flatten(some) : some;
  },
  examples: [
    { at: [[0, 3], -1] },
    {
      at: [
        [0, 5, 2],
        [1, 3],
      ],
    },
    { at: [1, 0] },
  ],
  exampleInput: [5, 3, 2],
});

/** The chosen positions as windows of one. */
const readBy = (at: readonly Place[], extents: readonly number[]): readonly ShiftAxis[] =>
  chosen(at, [...extents, 1]).map((positions) => [positions]);

const isOne = (p: Place): p is number => typeof p === 'number';

/** The positions of each axis. @throws NtkcError where there are none, or not so many */
function chosen(at: readonly Place[], shape: Shape): readonly (readonly number[])[] {
  requireAxes(shape, at, 'at');
  return at.map((p, a) => {
    const length = shape[a] as number;
    const [from, to, step = 1] = isOne(p) ? [p, p === -1 ? length : p + 1] : p;
    const [start, end] = [from, to].map((i) => (i < 0 ? i + length : i)) as [number, number];
    if (start < 0 || end > length || start >= end)
      throw new NtkcError({
        what: `${JSON.stringify(p)} of ${length} positions`,
        where: `.at[${a}]`,
        expected: `positions from ${-length} to ${length - 1}, at least one`,
      });
    return Array.from({ length: Math.ceil((end - start) / step) }, (_, i) => start + i * step);
  });
}
