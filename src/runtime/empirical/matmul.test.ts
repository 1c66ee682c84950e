import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addProduct, multiplyTransposed } from './matmul.ts';
import { normals } from './random.ts';

const sizes = fc.record({
  rows: fc.integer({ min: 1, max: 7 }),
  cols: fc.integer({ min: 1, max: 9 }),
  inner: fc.integer({ min: 1, max: 11 }),
  seed: fc.integer(),
});

/** Sums of at most 11 products of unit normals in another order: a few units in the last place of ~10. */
const DIGITS = 13;

describe('multiplyTransposed', () => {
  it('is the triple loop, at every remainder of the tiles', () => {
    fc.assert(
      fc.property(sizes, ({ rows, cols, inner, seed }) => {
        const a = normals(rows * inner, 1, [seed, 0]);
        const b = normals(cols * inner, 1, [seed, 1]);
        const out = multiplyTransposed(a, b, rows, cols, inner, 0.7);
        for (let r = 0; r < rows; r++) {
          for (let c = 0; c < cols; c++) {
            let sum = 0;
            for (let i = 0; i < inner; i++) sum += a[r * inner + i]! * b[c * inner + i]!;
            expect(out[r * cols + c]).toBeCloseTo(0.7 * sum, DIGITS);
          }
        }
      }),
    );
  });

  it('is exactly symmetric for a = b', () => {
    const a = normals(5 * 33, 1, 4);
    const gram = multiplyTransposed(a, a, 5, 5, 33);
    for (let r = 0; r < 5; r++) for (let c = 0; c < r; c++) expect(gram[r * 5 + c]).toBe(gram[c * 5 + r]);
  });
});

describe('addProduct', () => {
  it('adds the triple loop, at every remainder of the tiles, zeros in s included', () => {
    fc.assert(
      fc.property(sizes, ({ rows, cols: outer, inner, seed }) => {
        const s = normals(rows * outer, 1, [seed, 0]).map((value) => (value < 0 ? 0 : value));
        const w = normals(outer * inner, 1, [seed, 1]);
        const start = normals(rows * inner, 1, [seed, 2]);
        const out = start.slice();
        addProduct(out, s, w, rows, outer, inner, -0.3);
        for (let r = 0; r < rows; r++) {
          for (let i = 0; i < inner; i++) {
            let sum = 0;
            for (let o = 0; o < outer; o++) sum += s[r * outer + o]! * w[o * inner + i]!;
            expect(out[r * inner + i]).toBeCloseTo(start[r * inner + i]! - 0.3 * sum, DIGITS);
          }
        }
      }),
    );
  });
});
