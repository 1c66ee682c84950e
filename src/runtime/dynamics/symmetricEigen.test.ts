import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetricEigen.ts';

function symmetric(entries: readonly number[], n: number, scale: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return scale * entries[Math.max(i, j) * n + Math.min(i, j)]!;
  });
}

/** Largest entry of A − V D Vᵀ and of VᵀV − 1, the first relative to the largest of A. */
function defects(a: Float64Array, n: number): readonly [number, number] {
  const { values, vectors } = symmetricEigen(a, n);
  const size = a.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  let [residual, overlap] = [0, 0];
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const at = (k: number) => vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
      const sum = Array.from({ length: n }, (_, k) => at(k)).reduce((s, v) => s + v, 0);
      residual = Math.max(residual, Math.abs(sum - a[i * n + j]!) / size);
      const product = Array.from({ length: n }, (_, k) => vectors[k * n + i]! * vectors[k * n + j]!);
      overlap = Math.max(overlap, Math.abs(product.reduce((s, v) => s + v, 0) - Number(i === j)));
    }
  expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => x - y));
  return [residual, overlap];
}

describe('symmetricEigen', () => {
  it('decomposes random matrices of any scale to rounding', () => {
    const n = 7;
    const entries = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n });
    fc.assert(
      fc.property(entries, fc.constantFrom(1e-14, 1, 1e9), (values, scale) => {
        // Some ten rotations of every entry, each a few units in the last place.
        for (const defect of defects(symmetric(values, n, scale), n)) expect(defect).toBeLessThan(1e-13);
      }),
      { numRuns: 60 },
    );
  });

  it('knows a matrix whose spectrum is known, and matrices that are already diagonal', () => {
    // 2 on the diagonal, −1 beside it: 2 − 2 cos(kπ/(n+1)).
    const n = 6;
    const chain = Float64Array.from({ length: n * n }, (_, at) => {
      const distance = Math.abs(Math.floor(at / n) - (at % n));
      return distance === 0 ? 2 : distance === 1 ? -1 : 0;
    });
    const { values } = symmetricEigen(chain, n);
    values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)), 13);
    });
    expect(Array.from(symmetricEigen(new Float64Array(9), 3).values)).toEqual([0, 0, 0]);
    expect(defects(Float64Array.of(3, 0, 0, 0, 3, 0, 0, 0, -1), 3)).toEqual([0, 0]);
  });

  it('leaves a singular matrix singular to rounding', () => {
    const ones = new Float64Array(16).fill(1);
    const { values } = symmetricEigen(ones, 4);
    for (const value of values.subarray(0, 3)) expect(Math.abs(value)).toBeLessThan(1e-15);
    expect(values[3]).toBeCloseTo(4, 14);
  });
});
