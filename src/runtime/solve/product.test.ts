import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { product } from './product.ts';

const numbers = (count: number, seed: number) => Float64Array.from({ length: count }, (_, i) => Math.sin(seed + i * i));

/** Largest difference from the plain sums at some hundred entries, the last row and column among them. */
function worst(a: Float64Array, b: Float64Array, out: Float64Array, inner: number, columns: number): number {
  let most = 0;
  for (let e = out.length - 1; e >= 0; e -= Math.ceil(out.length / 100)) {
    const [r, c] = [Math.floor(e / columns), e % columns];
    let sum = 0;
    for (let i = 0; i < inner; i++) sum += a[r * inner + i]! * b[i * columns + c]!;
    most = Math.max(most, Math.abs(out[e]! - sum));
  }
  return most;
}

describe('product', () => {
  it('is that of the definition, for small factors', async () => {
    const size = fc.integer({ min: 1, max: 7 });
    await fc.assert(
      fc.asyncProperty(size, size, size, async (rows, inner, columns) => {
        const [a, b] = [numbers(rows * inner, 1), numbers(inner * columns, 2)];
        const out = await product(a, b, { rows, inner, columns });
        expect(worst(a, b, out, inner, columns)).toBe(0);
      }),
    );
  });

  // Whole and broken tiles, one column, more rows than are done at once.
  it.each([
    [192, 192, 192],
    [193, 205, 385],
    [700, 701, 1],
    [1000, 1001, 4],
    [6100, 40, 17],
    [17, 40, 6100],
  ])('of %i x %i by %i columns', async (rows, inner, columns) => {
    const [a, b] = [numbers(rows * inner, 1), numbers(inner * columns, 2)];
    const out = await product(a, b, { rows, inner, columns });
    // One rounding a step instead of two, of sums of some √inner: below 1001·32·2.2e-16 = 7e-12, in fact far below.
    expect(worst(a, b, out, inner, columns)).toBeLessThan(2e-12);
  });

  it('has the same bytes on any number of threads', async () => {
    const size = { rows: 600, inner: 301, columns: 650 };
    const [a, b] = [numbers(size.rows * size.inner, 1), numbers(size.inner * size.columns, 2)];
    const one = await product(a, b, { ...size, threads: 1 });
    const two = await product(a, b, { ...size, threads: 3 });
    expect(Buffer.compare(Buffer.from(two.buffer), Buffer.from(one.buffer))).toBe(0);
  });

  it('keeps values that are not finite, and has no negative zeros of its own making', async () => {
    const [a, b] = [numbers(200 * 200, 1), new Float64Array(200 * 200)];
    a[5 * 200] = Number.NaN;
    const out = await product(a, b, { rows: 200, inner: 200, columns: 200 });
    expect(out.subarray(1000, 1200).every(Number.isNaN)).toBe(true);
    expect(Object.is(out[0], 0)).toBe(true);
    expect(out.filter(Number.isNaN).length).toBe(200);
  });

  it('refuses factors that do not fit', async () => {
    await expect(product(new Float64Array(6), new Float64Array(5), { rows: 2, inner: 3, columns: 2 })).rejects.toThrow(
      NtkcError,
    );
  });
});
