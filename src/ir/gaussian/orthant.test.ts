import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integrate } from './adaptive.ts';
import { orthantRemainder } from './orthant.ts';

type Matrix = readonly (readonly number[])[];

/** Correlations of rows. */
function correlations(rows: readonly (readonly number[])[]): Matrix {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  return rows.map((a) => rows.map((b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))));
}
const remainder = (r: Matrix) => orthantRemainder(r[0]![1]!, r[0]![2]!, r[0]![3]!, r[1]![2]!, r[1]![3]!, r[2]![3]!);
const pairs = [
  [0, 1, 2, 3],
  [0, 2, 1, 3],
  [0, 3, 1, 2],
  [1, 2, 0, 3],
  [1, 3, 0, 2],
  [2, 3, 0, 1],
] as const;

/** Plackett's identity along another path, all six correlations times t, by adaptive quadrature. */
function bySixPairs(r: Matrix): number {
  const integrand = (at: number) => {
    const t = at * (2 - at); // no root at the end
    const s = (i: number, j: number) => (i === j ? 1 : t * r[i]![j]!);
    let sum = 0;
    for (const [i, j, k, l] of pairs) {
      const det = 1 - s(i, j) ** 2;
      const given = (a: number, b: number) =>
        s(a, b) - (s(a, i) * s(b, i) + s(a, j) * s(b, j) - s(i, j) * (s(a, i) * s(b, j) + s(a, j) * s(b, i))) / det;
      const cross = given(k, l);
      const area = Math.sqrt(Math.max(0, given(k, k) * given(l, l) - cross * cross));
      sum += (r[i]![j]! / Math.sqrt(det)) * Math.atan2(cross, area);
    }
    return sum * 2 * (1 - at);
  };
  return integrate(integrand, [0, 1], 1e-4) / (4 * Math.PI ** 2);
}

const rows = (length: number, spread: number) =>
  fc
    .array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: length, maxLength: length }), {
      minLength: 4,
      maxLength: 4,
    })
    .map((list) =>
      list.map((row, k) => row.map((v, i) => (i === 0 ? 1 : 0) + spread * (v + 0.3 * Math.sin(5 * k + i)))),
    );

describe('orthantRemainder', () => {
  for (const [what, length, spread, bound] of [
    // Both sides round at 1e-16; the path of the check is integrated to 1e-14.
    ['inputs of any angle', 6, 5, 1e-13],
    ['inputs close to each other, where four correlations are near 1 and the check cancels', 6, 0.2, 1e-11],
    ['four inputs in three dimensions', 3, 3, 1e-10],
  ] as const)
    it(`is the integral over all six pairs for ${what}`, () => {
      fc.assert(
        fc.property(rows(length, spread), (x) => {
          const r = correlations(x);
          expect(Math.abs(remainder(r) - bySixPairs(r))).toBeLessThan(bound);
        }),
        { numRuns: 200 },
      );
    });

  it('is that of exchangeable variables: P = 1/5 at correlation 1/2, and tends to P = 1/2 at 1', () => {
    const equal = (r: number) => orthantRemainder(r, r, r, r, r, r) + 1 / 16 + (6 * Math.asin(r)) / (8 * Math.PI);
    expect(Math.abs(equal(0.5) - 1 / 5)).toBeLessThan(1e-15);
    expect(Math.abs(equal(0) - 1 / 16)).toBeLessThan(1e-16);
    expect(Math.abs(equal(1) - 1 / 2)).toBeLessThan(1e-12);
    // P = E Φ(√r z/√(1−r))⁴, by quadrature over z: 50 digits of the root at r = 1.
    for (const r of [0.3, 0.9, 0.999]) {
      const c = Math.sqrt(r / (1 - r));
      const inner = (z: number) => {
        const v = c * z;
        return (
          0.5 +
          (integrate((s) => Math.exp((-s * s) / 2), v < 0 ? [Math.max(v, -9), 0] : [0, Math.min(v, 9)], 1) *
            (v < 0 ? -1 : 1)) /
            Math.sqrt(2 * Math.PI)
        );
      };
      const p =
        integrate((z) => inner(z) ** 4 * Math.exp((-z * z) / 2), [-9, -1 / c, 0, 1 / c, 9], 1) / Math.sqrt(2 * Math.PI);
      expect(Math.abs(equal(r) - p)).toBeLessThan(1e-12);
    }
  });

  it('is symmetric in all four, and odd in one sign', () => {
    const r = correlations([
      [1, 0.2, -0.3, 0.1],
      [-0.3, 0.9, 0.4, 0.5],
      [0.2, -0.5, 1.1, -0.2],
      [0.6, 0.7, 0.8, 0.3],
    ]);
    const order = [2, 0, 3, 1];
    const turned = order.map((i) => order.map((j) => r[i]![j]!));
    expect(Math.abs(remainder(turned) - remainder(r))).toBeLessThan(1e-16);
    const flipped = r.map((row, i) => row.map((v, j) => ((i === 1) !== (j === 1) ? -v : v)));
    expect(Math.abs(remainder(flipped) + remainder(r))).toBeLessThan(1e-16);
  });
});
