import { type Integrands, integrands } from './mesh.ts';
import { type GaussianRule, gaussianRule } from './rule.ts';
import { divergence, type Scalar } from './scalar.ts';

/** What one function's Hermite expansion at one variance keeps. */
export interface HermiteCoefficients {
  /** a_p = E[φ(√q z) h_p(z)], p = 0 .. P−1. */
  readonly coefficients: Float64Array;
  /** E φ² − Σ_{p<P} a_p² = Σ_{p≥P} a_p². */
  readonly tail: number;
  /** E φ(√q z)². */
  readonly second: number;
}

export interface SeriesOptions {
  /** The part of E φ² that may be left out, relative to it. Default 1e-12. */
  readonly tolerance?: number;
  /** The most coefficients to compute. Default 512. */
  readonly maxDegree?: number;
}

export const defaultTolerance = 1e-12;
export const defaultMaxDegree = 512;

/** Rounding of Σ a_p² against E φ²: a tail below this times E φ² cannot be told from 0, and is reported as this. */
const parsevalFloor = 1e-15;

/**
 * Widest panel for degree P: √(P) is the largest local wavenumber of h_P exp(−z²/4) (its equation is
 * y'' = (z²/4 − P − 1/2) y), and on a width of 8/√P a Legendre series of cos reaches 1e-16 at degree 24; with a φ of degree
 * 15 that is the 39 which 20 nodes integrate exactly.
 */
export const panelForDegree = (degree: number): number => Math.min(1, 8 / Math.sqrt(degree));

/**
 * sums[f p] = Σ_i weighted[f i] ψ_p(z_i), with ψ_p = h_p exp(−z²/4)/(2π)^(1/4) the orthonormal Hermite functions.
 * @derived √(p+1) h_{p+1} = z h_p − √p h_{p−1}: scaled by the root of the density, nothing overflows.
 */
function project(rule: GaussianRule, weighted: readonly Float64Array[], degree: number): Float64Array[] {
  const up = Float64Array.from({ length: degree }, (_, p) => 1 / Math.sqrt(p + 1));
  const back = Float64Array.from({ length: degree }, (_, p) => Math.sqrt(p / (p + 1)));
  const sums = weighted.map(() => new Float64Array(degree));
  const { z, root } = rule;
  const first = weighted[0]!;
  const second = weighted[1];
  for (let i = 0; i < z.length; i += 2) {
    if (second === undefined) one(z, root, i, first, sums[0]!, up, back);
    else two(z, root, i, first, second, sums[0]!, sums[1]!, up, back);
  }
  return sums;
}

/** Adds two nodes to the sums of one function; two chains at a time hide the latency of the recurrence. */
function one(
  z: Float64Array,
  root: Float64Array,
  i: number,
  f: Float64Array,
  sum: Float64Array,
  up: Float64Array,
  back: Float64Array,
): void {
  const [z0, z1, f0, f1] = [z[i]!, z[i + 1]!, f[i]!, f[i + 1]!];
  let [y0, y1, b0, b1] = [root[i]!, root[i + 1]!, 0, 0];
  for (let p = 0; p < sum.length; p++) {
    sum[p] = sum[p]! + f0 * y0 + f1 * y1;
    const u = up[p]!;
    const v = back[p]!;
    const n0 = u * z0 * y0 - v * b0;
    const n1 = u * z1 * y1 - v * b1;
    b0 = y0;
    b1 = y1;
    y0 = n0;
    y1 = n1;
  }
}

/** The same for two functions on the same nodes: one recurrence serves both. */
function two(
  z: Float64Array,
  root: Float64Array,
  i: number,
  f: Float64Array,
  g: Float64Array,
  sumF: Float64Array,
  sumG: Float64Array,
  up: Float64Array,
  back: Float64Array,
): void {
  const [z0, z1, f0, f1, g0, g1] = [z[i]!, z[i + 1]!, f[i]!, f[i + 1]!, g[i]!, g[i + 1]!];
  let [y0, y1, b0, b1] = [root[i]!, root[i + 1]!, 0, 0];
  for (let p = 0; p < sumF.length; p++) {
    sumF[p] = sumF[p]! + f0 * y0 + f1 * y1;
    sumG[p] = sumG[p]! + g0 * y0 + g1 * y1;
    const u = up[p]!;
    const v = back[p]!;
    const n0 = u * z0 * y0 - v * b0;
    const n1 = u * z1 * y1 - v * b1;
    b0 = y0;
    b1 = y1;
    y0 = n0;
    y1 = n1;
  }
}

/** The expansions of every function of source at variance q, exactly `degree` coefficients each. */
export function expand(source: Integrands, q: number, degree: number): HermiteCoefficients[] {
  if (q === 0) return source.functions.map((f) => constant(f(0), degree));
  const rule = gaussianRule(source, q, panelForDegree(degree));
  const scale = Math.sqrt(q);
  const seconds: number[] = [];
  const weighted = source.functions.map((f) => {
    const values = new Float64Array(rule.z.length);
    let second = 0;
    for (let i = 0; i < values.length; i++) {
      const value = f(scale * rule.z[i]!) * rule.root[i]!;
      values[i] = rule.weights[i]! * value;
      second += values[i]! * value;
    }
    if (!Number.isFinite(second)) throw divergence(q);
    seconds.push(second);
    return values;
  });
  return project(rule, weighted, degree).map((coefficients, f) => withTail(coefficients, seconds[f]!));
}

function constant(value: number, degree: number): HermiteCoefficients {
  const coefficients = new Float64Array(degree);
  coefficients[0] = value;
  return { coefficients, tail: 0, second: value * value };
}

function withTail(coefficients: Float64Array, second: number): HermiteCoefficients {
  let rest = second;
  for (const a of coefficients) rest -= a * a;
  return { coefficients, second, tail: Math.max(rest, parsevalFloor * second) };
}

/** The smallest P ≤ coefficients.length whose tail is within tolerance·second; its length where none is. */
export function smallestDegree({ coefficients, tail, second }: HermiteCoefficients, tolerance: number): number {
  let rest = tail;
  let degree = coefficients.length;
  while (degree > 1 && rest + coefficients[degree - 1]! ** 2 <= tolerance * second) {
    degree--;
    rest += coefficients[degree]! ** 2;
  }
  return degree;
}

/**
 * The first P coefficients of φ(√q z) in the orthonormal probabilists' Hermite polynomials h_p, and what they leave out.
 * P is the smallest with tail ≤ tolerance·E φ², at most maxDegree.
 *
 * With u, v of variances q, q' and correlation ρ: κ = E φ(u)φ(v) = Σ_p a_p(q) a_p(q') ρ^p (Mehler), so the first P terms
 * κ_P leave |κ − κ_P| = |Σ_{p≥P} a_p a'_p ρ^p| ≤ |ρ|^P Σ_{p≥P} |a_p a'_p| ≤ |ρ|^P √(tail · tail'), by Cauchy–Schwarz and,
 * for the tails, Parseval: E φ² = Σ_p a_p².
 * kinks: the x where φ or φ' jumps. Throws where E φ² diverges or φ returns NaN.
 */
export function hermiteCoefficients(
  phi: Scalar,
  kinks: readonly number[],
  q: number,
  options: SeriesOptions = {},
): HermiteCoefficients {
  const { tolerance = defaultTolerance, maxDegree = defaultMaxDegree } = options;
  const source = integrands([phi], kinks);
  for (let degree = Math.min(firstDegree, maxDegree); ; degree = Math.min(degree * 2, maxDegree)) {
    const [found] = expand(source, q, degree);
    if (found!.tail <= tolerance * found!.second || degree === maxDegree) {
      return truncated(found!, smallestDegree(found!, tolerance));
    }
  }
}

/** Where the search for a degree starts; it doubles from there. */
export const firstDegree = 16;

/** The same expansion cut to its first `degree` coefficients. */
export function truncated(found: HermiteCoefficients, degree: number): HermiteCoefficients {
  let tail = found.tail;
  for (let p = degree; p < found.coefficients.length; p++) tail += found.coefficients[p]! ** 2;
  return { coefficients: found.coefficients.slice(0, degree), tail, second: found.second };
}
