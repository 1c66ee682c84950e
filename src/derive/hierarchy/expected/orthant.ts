import { orthantRemainder } from '../../../ir/gaussian/orthant.ts';

/** A symmetric matrix read by index. */
export type Covariance = (i: number, j: number) => number;

/** asin of the correlation, with all digits near ±1. */
function arcsine(s: Covariance, i: number, j: number): number {
  const k = s(i, j);
  return Math.atan2(k, Math.sqrt(Math.max(0, s(i, i) * s(j, j) - k * k)));
}

/**
 * P(u_i > 0 for i in points), u ~ N(0, s): at most four points, closed up to three.
 * @derived 1/2; 1/4 + asin ρ/2π; 1/8 + Σ asin ρ/4π; 1/16 + Σ asin ρ/8π and an integral, by Plackett's identity.
 */
export function orthantProbability(points: readonly number[], s: Covariance): number {
  const n = points.length;
  if (n > 4) throw new Error(`ntkc bug: orthant probability of ${n} points`);
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += arcsine(s, points[i] as number, points[j] as number);
  return 2 ** -n + sum / (Math.PI * 2 ** (n - 1)) + (n === 4 ? remainder(points, s) : 0);
}

function remainder(points: readonly number[], s: Covariance): number {
  const [a, b, c, d] = points as readonly [number, number, number, number];
  const rho = (i: number, j: number) => s(i, j) / Math.sqrt(s(i, i) * s(j, j));
  return orthantRemainder(rho(a, b), rho(a, c), rho(a, d), rho(b, c), rho(b, d), rho(c, d));
}
