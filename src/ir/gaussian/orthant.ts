/** The orthant probability of four Gaussian variables, as far as it is no sum of angles. */
import { integrate } from './adaptive.ts';
import { gaussLegendre, type LegendreRule } from './legendre.ts';

/** What the probability may be off by, before rounding. */
const accepted = 1e-16;
/** The size against which an integral by halves is right: it stops at 1e-10 of it, and is far better then. */
const fallbackScale = 1e-4;

const counts = [3, 4, 5, 6, 7, 8, 10, 12, 16, 24, 32, 48];
const rules: LegendreRule[] = [];

/** Upper halves of symmetric Gauss–Legendre rules of 2·counts[r] nodes, each made when it is first wanted. */
function ruleOf(r: number): LegendreRule {
  const known = rules[r];
  if (known !== undefined) return known;
  const count = counts[r] as number;
  const { nodes, weights } = gaussLegendre(2 * count);
  const upper = { nodes: nodes.slice(count), weights: weights.slice(count) };
  rules[r] = upper;
  return upper;
}

/**
 * bernstein[r]: the least sum of half-axes of an ellipse without singularities for which rule r is good enough, its error
 * being (sum of half-axes)^(−2·nodes), 2·count nodes.
 */
const bernstein = counts.map((count) => accepted ** (-1 / (4 * count)));
/** squares[r]: the multiple correlation, squared, up to which the real singularity alone leaves such an ellipse. */
const squares = bernstein.map((rho) => {
  const nearest = (rho + 1 / rho) / 2;
  return Math.sin(Math.PI / 2 / nearest) ** 2;
});

/** 1 − r², to rounding of r. */
const rest = (r: number) => (1 - r) * (1 + r);

/** det of the correlations of three, by a Schur complement: near dependence it cancels less than the sum of products. */
const determinant = (ij: number, ik: number, jk: number) => rest(ij) * rest(ik) - (jk - ij * ik) ** 2;

/**
 * P(u_0, u_1, u_2, u_3 > 0) − 1/16 − Σ_{i<j} asin r_ij / 8π, for standard normals with correlations r_ij. Symmetric.
 *
 * @derived Plackett's identity dP/dr_ij = density of (u_i, u_j) at zero times P(rest | u_i = u_j = 0), along t·r_0j from
 * independence of u_0: I = 1/4π² Σ_j ∫₀¹ r_0j/w_j · atan(c_j/(w_j √det R(t))) dt, w_j² = 1 − t² r_0j², c_j the covariance of
 * the other two given u_0 = u_j = 0, times w_j². With R the multiple correlation of u_0 on the others,
 * det R(t) = det(others)·(1 − t²R²), so t = sin ψ/R leaves no root at the end; the integrand is even and analytic but at
 * Re ψ = π/2 (and beyond, where three become dependent), which says how many nodes do. u_0 is the one with the least R.
 */
export function orthantRemainder(r01: number, r02: number, r03: number, r12: number, r13: number, r23: number): number {
  const d0 = determinant(r12, r13, r23);
  const d1 = determinant(r02, r03, r23);
  const d2 = determinant(r01, r03, r13);
  const d3 = determinant(r01, r02, r12);
  // R² = 1 − det/d, so the least d has the least R; but not one that is mostly rounding.
  const usable = (d: number) => (d > flat ? d : 2);
  const least = Math.min(usable(d0), usable(d1), usable(d2), usable(d3));
  const chosen = least < 2 ? least : Math.max(d0, d1, d2, d3);
  if (chosen <= rounding) return planeRemainder(r01, r02, r03, r12, r13, r23);
  if (d0 === chosen) return remainderOf(r01, r02, r03, r12, r13, r23, d0);
  if (d1 === chosen) return remainderOf(r01, r12, r13, r02, r03, r23, d1);
  if (d2 === chosen) return remainderOf(r02, r12, r23, r01, r03, r13, d2);
  return remainderOf(r03, r13, r23, r01, r02, r12, d3);
}
/** Of d, below which a triple is taken only if there is no better one, and below which it counts as dependent. */
const [flat, rounding] = [1e-6, 1e-15];

/** Four in a plane: the same for two that are equal or opposite, and 0/0 elsewhere, where nearby values serve. */
function planeRemainder(r01: number, r02: number, r03: number, r12: number, r13: number, r23: number): number {
  const twin = (
    [
      [r01, r23],
      [r02, r13],
      [r03, r12],
      [r12, r03],
      [r13, r02],
      [r23, r01],
    ] as const
  ).find(([r]) => rest(r) <= rounding);
  // P of four is then P of three, or 0.
  if (twin !== undefined) return (Math.sign(twin[0]) * Math.asin(twin[1])) / (8 * Math.PI);
  return remainderOf(r01, r02, r03, r12, r13, r23, rounding);
}
/** The remainder along r_0j, d the determinant of the correlations of the others. */
function remainderOf(a1: number, a2: number, a3: number, r12: number, r13: number, r23: number, d: number): number {
  const gap = ownVariance(a1, a2, a3, r12, r13, r23, d);
  const square = 1 - gap;
  if (square <= 0) return 0;
  const multiple = Math.sqrt(square);
  const end = Math.atan2(multiple, Math.sqrt(gap));
  const root = Math.sqrt(d);
  // c_j = b_j − t² e_j
  const b1 = r23 - r12 * r13;
  const b2 = r13 - r12 * r23;
  const b3 = r12 - r13 * r23;
  const e1 = b1 * a1 * a1 + (a2 - a1 * r12) * (a3 - a1 * r13);
  const e2 = b2 * a2 * a2 + (a1 - a2 * r12) * (a3 - a2 * r23);
  const e3 = b3 * a3 * a3 + (a1 - a3 * r13) * (a2 - a3 * r23);
  let r = 0;
  while (r < squares.length && square > (squares[r] as number)) r++;
  if (r > simplest) r = ruleFor(end, square, pairSquare(a1, a2, a3, r12, r13, r23));
  if (r >= counts.length) {
    const at = (psi: number) => {
      const [sin, cos] = [Math.sin(psi), Math.cos(psi)];
      const t2 = (sin * sin) / square;
      return (
        cos *
        (angle(a1, b1, e1, t2, root * cos) + angle(a2, b2, e2, t2, root * cos) + angle(a3, b3, e3, t2, root * cos))
      );
    };
    return integrate(at, [0, end], fallbackScale) / (4 * Math.PI * Math.PI * multiple);
  }
  const { nodes, weights } = ruleOf(r);
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) {
    const psi = end * (nodes[i] as number);
    const sin = Math.sin(psi);
    const cos = Math.cos(psi);
    const t2 = (sin * sin) / square;
    const h = root * cos;
    sum +=
      (weights[i] as number) * cos * (angle(a1, b1, e1, t2, h) + angle(a2, b2, e2, t2, h) + angle(a3, b3, e3, t2, h));
  }
  return (end * sum) / (4 * Math.PI * Math.PI * multiple);
}

/** 1 − R²: the variance of u_0 given the others, one after the other. */
function ownVariance(a1: number, a2: number, a3: number, r12: number, r13: number, r23: number, d: number): number {
  const p = rest(r12);
  const a2given1 = a2 - a1 * r12;
  const a3given1 = a3 - a1 * r13;
  if (p <= 0 || d <= 0) return 0;
  const a3given12 = a3given1 - (a2given1 * (r23 - r12 * r13)) / p;
  return Math.min(1, Math.max(0, rest(a1) - (a2given1 * a2given1) / p - (a3given12 * a3given12 * p) / d));
}

/** Up to this rule the singularity on the real axis alone decides. */
const simplest = 5;

/** r/w · atan(c/(w h)), w² = 1 − t² r², c = b − t² e. */
function angle(r: number, b: number, e: number, t2: number, h: number): number {
  const w = Math.sqrt(1 - t2 * r * r);
  return (r / w) * Math.atan2(b - t2 * e, w * h);
}

/** The largest multiple correlation, squared, of u_0 on two of the others. */
function pairSquare(a1: number, a2: number, a3: number, r12: number, r13: number, r23: number): number {
  const on = (a: number, b: number, r: number) => (a * a + b * b - 2 * a * b * r) / (1 - r * r);
  const largest = Math.max(on(a1, a2, r12), on(a1, a3, r13), on(a2, a3, r23));
  return largest >= 0 ? largest : 1;
}

/** The smallest rule for singularities at π/2 ± i·acosh(R/R_pair) on [−end, end]; past the last where none is enough. */
function ruleFor(end: number, square: number, pair: number): number {
  const ratio = Math.sqrt(square / pair);
  const [re, im] = [Math.PI / 2 / end, ratio > 1 ? Math.acosh(ratio) / end : 0];
  const axis = (Math.hypot(re - 1, im) + Math.hypot(re + 1, im)) / 2;
  const rho = axis + Math.sqrt(Math.max(0, axis * axis - 1));
  const found = bernstein.findIndex((needed) => rho >= needed);
  return found < 0 ? counts.length : found;
}
