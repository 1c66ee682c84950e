import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { affineAxis, windowAxis } from './affine.ts';

/** stride·P + offset where that is a position, else −1. */
const tableOf = (stride: number, offset: number, from: number, to: number) =>
  Array.from({ length: to }, (_, out) => {
    const p = stride * out + offset;
    return p >= 0 && p < from ? p : -1;
  });

describe('the stride and offsets of a table', () => {
  it('are found again', () => {
    const size = fc.integer({ min: 1, max: 9 });
    const offsets = fc.uniqueArray(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 3 }), offsets, (from, to, stride, shifts) => {
        const tables = shifts.map((offset) => tableOf(stride, offset, from, to));
        const found = affineAxis(tables, from, to);
        const read = tables.filter((table) => table.some((p) => p >= 0));
        // Where no table has two neighbours the stride is not to be seen, and any that fits will do.
        if (read.some((table) => table.some((p, out) => p >= 0 && (table[out - 1] ?? -1) >= 0))) {
          expect(found).toBeDefined();
          expect(found?.stride).toBe(stride);
        }
        if (found !== undefined)
          expect(found.offsets.map((offset) => tableOf(found.stride, offset, from, to))).toEqual(read);
      }),
    );
  });

  it('are not those of a window that wraps around, of a transposed convolution, or of one with holes', () => {
    expect(
      affineAxis(
        [
          [2, 0, 1],
          [0, 1, 2],
        ],
        3,
        3,
      ),
    ).toBeUndefined();
    expect(affineAxis([[0, -1, 1, -1]], 2, 4)).toBeUndefined();
    expect(affineAxis([[0, -1, 2]], 3, 3)).toBeUndefined();
    expect(affineAxis([[2, 1, 0]], 3, 3)).toBeUndefined();
    expect(affineAxis([[-1, -1]], 2, 2)).toBeUndefined();
  });
});

describe('the window of a matrix', () => {
  const row = (from: number, ...weights: readonly number[]) => ({ from, weights });
  it('is what its rows have in common', () => {
    expect(windowAxis([row(0, 0.5, 0.5), row(2, 0.5, 0.5)])).toEqual({ stride: 2, offset: 0, weights: [0.5, 0.5] });
    expect(windowAxis([row(1, 1)])).toEqual({ stride: 1, offset: 1, weights: [1] });
  });
  it('does not exist for a border of its own, for other weights, or backwards', () => {
    expect(windowAxis([row(0, 0.5), row(0, 0.5, 0.5)])).toBeUndefined();
    expect(windowAxis([row(0, 1, 1), row(1, 1, 2)])).toBeUndefined();
    expect(windowAxis([row(1, 1), row(0, 1)])).toBeUndefined();
    expect(windowAxis([row(0, 1), row(1, 1), row(3, 1)])).toBeUndefined();
    expect(windowAxis([])).toBeUndefined();
  });
});
