import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { cholesky } from './cholesky.ts';
import { solveCholesky, solveLower, solveUpper } from './triangular.ts';

/** a[n n] = Σ_k g[n k] g[n k] + I: its smallest eigenvalue is at least 1. */
function positive(g: readonly number[], n: number): Float64Array {
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) a[i * n + j]! += g[i * n + k]! * g[j * n + k]!;
    }
    a[i * n + i]! += 1;
  }
  return a;
}

function multiply(a: Float64Array, x: Float64Array, n: number, columns: number): Float64Array {
  const y = new Float64Array(n * columns);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++)
      for (let c = 0; c < columns; c++) y[i * columns + c]! += a[i * n + j]! * x[j * columns + c]!;
  }
  return y;
}

const entry = fc.double({ min: -1, max: 1, noNaN: true });
/** Sizes on both sides of the blocks of four rows. */
const system = fc.tuple(fc.integer({ min: 1, max: 13 }), fc.integer({ min: 1, max: 5 })).chain(([n, columns]) =>
  fc.record({
    n: fc.constant(n),
    columns: fc.constant(columns),
    g: fc.array(entry, { minLength: n * n, maxLength: n * n }),
    b: fc.array(entry, { minLength: n * columns, maxLength: n * columns }),
  }),
);

const largest = (v: Iterable<number>) => Math.max(...Array.from(v, Math.abs));

describe('cholesky', () => {
  it('gives the factor worked out by hand', () => {
    const { lower } = cholesky(Float64Array.of(4, 2, 2, 5), 2);
    expect([...lower]).toEqual([2, 0, 1, 2]);
  });

  it('L Lᵀ is the matrix, and the solutions solve, for any size and many right hand sides', () => {
    fc.assert(
      fc.property(system, ({ n, columns, g, b }) => {
        const a = positive(g, n);
        const before = a.slice();
        const rhs = Float64Array.from(b);
        const factor = cholesky(a, n);
        expect(a).toEqual(before);
        const rebuilt = multiply(factor.lower, transpose(factor.lower, n), n, n);
        // Backward stable: |LLᵀ − A| <= (n+1)·eps·|L||Lᵀ|; entries of A are below n + 1 <= 14: 14·14·2.2e-16 = 4.4e-14.
        expect(largest(rebuilt.map((v, i) => v - a[i]!))).toBeLessThan(1e-13);
        const x = solveCholesky(factor, rhs, columns);
        // Residual <= about 3 n² eps |A| |x| with |x| <= |b| (smallest eigenvalue 1): 3·169·2.2e-16·14·4 = 6e-12.
        expect(largest(multiply(a, x, n, columns).map((v, i) => v - rhs[i]!))).toBeLessThan(1e-11);
        expect(solveUpper(factor, solveLower(factor, rhs, columns), columns)).toEqual(x);
      }),
    );
  });

  it('adds the shift to the diagonal only', () => {
    const a = positive([1, 2, 3, 4], 2);
    const shifted = Float64Array.of(a[0]! + 0.5, a[1]!, a[2]!, a[3]! + 0.5);
    expect(cholesky(a, 2, { shift: 0.5 })).toEqual(cholesky(shifted, 2));
  });

  it('knows the determinant', () => {
    const { lower } = cholesky(Float64Array.of(4, 2, 2, 5), 2);
    expect(2 * Math.log(lower[0]! * lower[3]!)).toBeCloseTo(Math.log(16), 14);
  });
});

describe('cholesky refuses', () => {
  it('a singular matrix, naming the pivot and the duplicate row', () => {
    const a = Float64Array.of(2, 1, 2, 1, 3, 1, 2, 1, 2);
    expect(() => cholesky(a, 3)).toThrow(/singular.*rows 0 and 2 are equal.*pivot 2 of 3.*Raise the ridge/);
    expect(() => cholesky(a, 3, { shift: 1e-6 })).not.toThrow();
  });

  it('dependent rows that are no duplicates, whichever side of 0 rounding puts the pivot', () => {
    // Rank 2: points in the plane, the first two well apart, so that rounding is not amplified.
    fc.assert(
      fc.property(fc.array(fc.tuple(entry, entry), { minLength: 1, maxLength: 6 }), (others) => {
        const points = [[1, 0.2], [0.3, 0.9], [0.6, 0.6], ...others] as const;
        const a = Float64Array.from(points.flatMap(([p, q]) => points.map(([r, s]) => p * r + q * s)));
        expect(() => cholesky(a, points.length)).toThrow(/singular with ridge 0: .*dependent inputs.*pivot 2 of/);
      }),
    );
  });

  it('an indefinite matrix', () => {
    expect(() => cholesky(Float64Array.of(1, 2, 2, 1), 2)).toThrow(
      /not positive definite.*negative eigenvalue.*pivot 1/,
    );
    expect(() => cholesky(Float64Array.of(0), 1)).toThrow(NtkcError);
  });

  it('entries that are not finite, above the diagonal too', () => {
    expect(() => cholesky(Float64Array.of(1, Number.NaN, 0, 1), 2)).toThrow(/holds NaN.*row 0, column 1/);
    const infinite = Float64Array.of(1, 0, 0, Number.POSITIVE_INFINITY);
    expect(() => cholesky(infinite, 2, { name: 'Gram' })).toThrow(/Gram holds Infinity.*row 1, column 1/);
  });

  it('a wrong size', () => {
    expect(() => cholesky(new Float64Array(5), 2)).toThrow(/5 entries/);
    expect(() => solveLower(cholesky(Float64Array.of(1), 1), new Float64Array(3), 2)).toThrow(/1 x 2/);
    expect(() => solveLower(cholesky(Float64Array.of(1), 1), Float64Array.of(Number.NaN), 1)).toThrow(
      /row 0, column 0/,
    );
  });
});

function transpose(a: Float64Array, n: number): Float64Array {
  return a.map((_, k) => a[(k % n) * n + Math.floor(k / n)]!);
}
