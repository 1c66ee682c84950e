import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GaussianVector } from './covariance.ts';
import { reduced } from './reduce.ts';

const value = (S: readonly (readonly number[])[], degrees: readonly number[]) => {
  const factors = degrees.map((degree, point) => ({ point, piece: { kind: 'step', degree } as const }));
  return new GaussianVector(Float64Array.from(S.flat())).value(reduced({ factors, given: [] }));
};

/** S = V Vᵀ + 1/4, so that no conditional variance is below 1/4. */
const covariances = fc
  .array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 }), {
    minLength: 4,
    maxLength: 4,
  })
  .map((V) =>
    V.map((a, i) => V.map((b, j) => a.reduce((sum, v, k) => sum + v * (b[k] as number), i === j ? 0.25 : 0))),
  );
const patterns = fc.array(fc.integer({ min: -3, max: 2 }), { minLength: 4, maxLength: 4 });

describe('reduced', () => {
  it('does not depend on the order of the factors, though the rules take them in order', () => {
    fc.assert(
      fc.property(covariances, patterns, (S, degrees) => {
        const order = [2, 0, 3, 1];
        const permuted = value(
          order.map((i) => order.map((j) => S[i]![j]!)),
          order.map((i) => degrees[i]!),
        );
        // Terms as large as 4^6 for four δ″ on variances of 1/4, and the accepted error of the integral.
        expect(Math.abs(permuted - value(S, degrees))).toBeLessThan(1e-10 * (1 + Math.abs(permuted)));
      }),
      { numRuns: 200 },
    );
  });

  it('is the derivative in a covariance: ∂F/∂S_ij = F with one derivative more on i and j (Price)', () => {
    fc.assert(
      fc.property(
        covariances,
        fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 4, maxLength: 4 }),
        (S, degrees) => {
          const h = 1e-4;
          const moved = (by: number) => S.map((row, i) => row.map((v, j) => (i + j === 1 ? v + by : v)));
          const slope = (value(moved(h), degrees) - value(moved(-h), degrees)) / (2 * h);
          const exact = value(
            S,
            degrees.map((d, i) => (i < 2 ? d - 1 : d)),
          );
          // h² times third derivatives on variances of 1/4, and rounding over h.
          expect(Math.abs(slope - exact)).toBeLessThan(1e-4 * (1 + Math.abs(exact)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is E relu = √(S/2π), E δ′ = 0, E δ″ = −1/(S √(2πS))', () => {
    const S = 1.7;
    const one = (degree: number) => value([[S]], [degree]);
    expect(one(1)).toBeCloseTo(Math.sqrt(S / (2 * Math.PI)), 14);
    expect(one(2)).toBeCloseTo(S / 4, 14);
    expect(one(-2)).toBe(0);
    expect(one(-3)).toBeCloseTo(-1 / (S * Math.sqrt(2 * Math.PI * S)), 14);
  });
});
