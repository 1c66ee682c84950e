import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { symmetricEigen } from './symmetricEigen.ts';

function symmetric(entries: readonly number[], n: number, scale: number): Float64Array {
  return Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return scale * entries[Math.max(i, j) * n + Math.min(i, j)]!;
  });
}

/** Q diag(values) Qᵀ for Q a product of reflections, so that the spectrum is known. */
function withSpectrum(values: readonly number[]): Float64Array {
  const n = values.length;
  const q = new Float64Array(n * n);
  for (let i = 0; i < n; i++) q[i * n + i] = 1;
  for (let round = 1; round <= 3; round++) {
    const u = Float64Array.from({ length: n }, (_, i) => Math.sin(round * (i + 1) ** 2));
    const square = u.reduce((s, v) => s + v * v, 0);
    for (let i = 0; i < n; i++) {
      const c = (2 * u.reduce((s, v, k) => s + v * q[i * n + k]!, 0)) / square;
      for (let k = 0; k < n; k++) q[i * n + k]! -= c * u[k]!;
    }
  }
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const entry = values.reduce((s, v, k) => s + v * q[i * n + k]! * q[j * n + k]!, 0);
      a[i * n + j] = entry;
      a[j * n + i] = entry;
    }
  return a;
}

/** Largest entry of A V − V D, relative to the largest eigenvalue, and of VᵀV − 1. */
function defects(a: Float64Array, n: number): readonly [number, number] {
  const before = a.slice();
  const { values, vectors } = symmetricEigen(a, n);
  expect(a).toEqual(before);
  expect(Array.from(values)).toEqual(Array.from(values).sort((x, y) => x - y));
  const size = Math.max(Math.abs(values[0]!), Math.abs(values.at(-1)!)) || 1;
  const [left, overlaps] = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const [x, y] = [a[i * n + k]! / size, vectors[i * n + k]!];
      for (let j = 0; j < n; j++) {
        left[i * n + j]! += x * vectors[k * n + j]!;
        overlaps[k * n + j]! += y * vectors[i * n + j]!;
      }
    }
  const largest = (f: (at: number) => number) => left.reduce((most, _, at) => Math.max(most, Math.abs(f(at))), 0);
  return [
    largest((at) => left[at]! - vectors[at]! * (values[at % n]! / size)),
    largest((at) => overlaps[at]! - Number(at % (n + 1) === 0)),
  ];
}

describe('symmetricEigen', () => {
  it('decomposes random matrices of any size and scale to rounding', () => {
    const matrix = fc.integer({ min: 1, max: 14 }).chain((n) =>
      fc.record({
        n: fc.constant(n),
        entries: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n * n, maxLength: n * n }),
        scale: fc.constantFrom(1e-300, 1e-160, 1e-14, 1, 1e9, 1e300),
      }),
    );
    fc.assert(
      fc.property(matrix, ({ n, entries, scale }) => {
        const a = symmetric(entries, n, scale);
        // Eigenvalues of a few times 5e-324 are rounded to multiples of it.
        const grain = Number.MIN_VALUE / (a.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1);
        // Some thirty reflections and rotations of every entry, each a few units in the last place.
        for (const defect of defects(a, n)) expect(defect).toBeLessThan(1e-13 + grain);
      }),
      {
        numRuns: 200,
        examples: [[{ n: 2, entries: [0, 5e-24, 0, 5e-24], scale: 1e-300 }]],
      },
    );
  });

  const n = 60;
  const spectra: Readonly<Record<string, readonly number[]>> = {
    'repeated: a rank of 5': Array.from({ length: n }, (_, k) => Math.max(0, k - n + 6)),
    'all equal': Array.from({ length: n }, () => 3),
    'two, of both signs': Array.from({ length: n }, (_, k) => (k < 20 ? -2 : 2)),
    'graded over 40 orders': Array.from({ length: n }, (_, k) => 10 ** (-40 + (40 * k) / (n - 1))),
    'clusters 1e-10 wide': Array.from({ length: n }, (_, k) => Math.floor(k / 12) + 1e-10 * (k % 12)),
    'that of a smooth kernel': Array.from({ length: n }, (_, k) => Math.exp(k - n)),
  };
  it.each(Object.entries(spectra))('finds a spectrum that is known: %s', (_, expected) => {
    const a = withSpectrum(expected);
    const top = expected.at(-1)!;
    symmetricEigen(a, n).values.forEach((value, k) => {
      // Weyl: an error of A of some n·eps of the largest eigenvalue moves none by more.
      expect(Math.abs(value - expected[k]!)).toBeLessThan(1e-13 * top);
    });
    for (const defect of defects(a, n)) expect(defect).toBeLessThan(1e-12);
  });

  it.each([1, -1])('decomposes graded matrices, the large entries at either end: %i', (direction) => {
    const size = 30;
    const at = (i: number) => 10 ** (direction * (i - size / 2));
    const a = Float64Array.from({ length: size ** 2 }, (_, e) => {
      const [i, j] = [Math.floor(e / size), e % size];
      return Math.sqrt(at(i) * at(j)) * (i === j ? 1 : 0.1);
    });
    for (const defect of defects(a, size)) expect(defect).toBeLessThan(1e-12);
    const least = symmetricEigen(a, size).values[0]!;
    expect(Math.abs(least)).toBeLessThan(1e-14 * at(direction > 0 ? size : 0));
  });

  it('decomposes a block so small that its squares lose their digits, beside one of size 1', () => {
    const size = 12;
    const a = Float64Array.from({ length: size ** 2 }, (_, e) => {
      const [i, j] = [Math.floor(e / size), e % size];
      if (i < 6 !== j < 6) return 0;
      return (i < 6 ? 1 : 1e-161) * Math.cos(i * j + i + j);
    });
    for (const defect of [...defects(a, size), ...defects(a.toReversed(), size)]) expect(defect).toBeLessThan(1e-13);
  });

  it('knows the second difference, 2 − 2 cos(kπ/(n+1)), and matrices that are already diagonal', () => {
    const size = 100;
    const chain = Float64Array.from({ length: size ** 2 }, (_, at) => {
      const distance = Math.abs(Math.floor(at / size) - (at % size));
      return distance === 0 ? 2 : distance === 1 ? -1 : 0;
    });
    symmetricEigen(chain, size).values.forEach((value, k) => {
      expect(value).toBeCloseTo(2 - 2 * Math.cos(((k + 1) * Math.PI) / (size + 1)), 13);
    });
    expect(Array.from(symmetricEigen(new Float64Array(9), 3).values)).toEqual([0, 0, 0]);
    expect(defects(Float64Array.of(3, 0, 0, 0, 3, 0, 0, 0, -1), 3)).toEqual([0, 0]);
    expect(Array.from(symmetricEigen(Float64Array.of(-7), 1).values)).toEqual([-7]);
    expect(symmetricEigen(Float64Array.of(1, 2, 2, 1), 2).values[0]).toBeCloseTo(-1, 14);
  });

  it('leaves a singular matrix singular to rounding', () => {
    const { values } = symmetricEigen(new Float64Array(16).fill(1), 4);
    // A few units in the last place of the largest eigenvalue, 4.
    for (const value of values.subarray(0, 3)) expect(Math.abs(value)).toBeLessThan(4e-15);
    expect(values[3]).toBeCloseTo(4, 14);
  });

  it('refuses what is not finite, and a wrong size', () => {
    expect(() => symmetricEigen(Float64Array.of(1, 0, Number.NaN, 1), 2)).toThrow('row 1, column 0');
    expect(() => symmetricEigen(new Float64Array(5), 2)).toThrow('5 entries');
  });
});
