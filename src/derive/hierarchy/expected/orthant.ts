import { integrate } from '../../../ir/gaussian/adaptive.ts';

/** A symmetric matrix read by index. */
export type Covariance = (i: number, j: number) => number;

/** asin of the correlation, with all digits near ±1. */
function arcsine(s: Covariance, i: number, j: number): number {
  const k = s(i, j);
  return Math.atan2(k, Math.sqrt(Math.max(0, s(i, i) * s(j, j) - k * k)));
}

/**
 * P(u_i > 0 for i in points), u ~ N(0, s): at most four points, closed up to three.
 * @derived 1/2; 1/4 + asin ρ/2π; 1/8 + Σ asin ρ/4π; four by Plackett's identity, along the path from independence to s.
 */
export function orthantProbability(points: readonly number[], s: Covariance): number {
  const n = points.length;
  if (n === 4) return 1 / 16 + plackett(points, s);
  if (n > 4) throw new Error(`ntkc bug: orthant probability of ${n} points`);
  let sum = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) sum += arcsine(s, points[i] as number, points[j] as number);
  return 2 ** -n + (n === 3 ? sum / (4 * Math.PI) : sum / (2 * Math.PI));
}

/** The six ways to split four into two and two. */
const splits = [
  [0, 1, 2, 3],
  [0, 2, 1, 3],
  [0, 3, 1, 2],
  [1, 2, 0, 3],
  [1, 3, 0, 2],
  [2, 3, 0, 1],
] as const;

/**
 * ∫₀¹ Σ_{i<j} ρ_ij P(u_k, u_l > 0 | u_i = u_j = 0 under tR)/(2π √(1 − t²ρ_ij²)) dt, R the correlations.
 * @derived dP/dρ_ij is the density of (u_i, u_j) at zero times the rest's probability; t = s(2 − s) takes away the square
 * root that the end t = 1 has where s is singular.
 */
function plackett(points: readonly number[], s: Covariance): number {
  const rho = new Float64Array(16);
  const std = points.map((p) => Math.sqrt(s(p, p)));
  points.forEach((p, i) => {
    points.forEach((q, j) => {
      rho[4 * i + j] = i === j ? 1 : s(p, q) / ((std[i] as number) * (std[j] as number));
    });
  });
  const integrand = (at: number) => {
    const t = at * (2 - at);
    let sum = 0;
    for (const [i, j, k, l] of splits) {
      const ij = rho[4 * i + j] as number;
      if (ij !== 0) sum += (ij * pairGiven(rho, t, i, j, k, l)) / Math.sqrt(Math.max(1 - t * t * ij * ij, 1e-300));
    }
    return sum * 2 * (1 - at);
  };
  return integrate(integrand, [0, 1], 1e-4) / (2 * Math.PI);
}

/** P(u_k, u_l > 0 | u_i = u_j = 0) under the correlations tR. */
function pairGiven(rho: Float64Array, t: number, i: number, j: number, k: number, l: number): number {
  const r = (a: number, b: number) => t * (rho[4 * a + b] as number);
  const [ij, ki, kj, li, lj] = [r(i, j), r(k, i), r(k, j), r(l, i), r(l, j)];
  const det = 1 - ij * ij;
  const kk = det - (ki * ki - 2 * ij * ki * kj + kj * kj);
  const ll = det - (li * li - 2 * ij * li * lj + lj * lj);
  const kl = det * r(k, l) - (ki * li - ij * (ki * lj + kj * li) + kj * lj);
  return 0.25 + Math.atan2(kl, Math.sqrt(Math.max(0, kk * ll - kl * kl))) / (2 * Math.PI);
}
