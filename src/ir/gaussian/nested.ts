import { integrate, ordered } from './adaptive.ts';
import { panelNodes, panelRule } from './legendre.ts';
import { densityPanel, secondMoment } from './mean.ts';
import { type Integrands, integrands } from './mesh.ts';
import { finerThan, rootDensityAtZero, tailRadius } from './rule.ts';
import { correlation, type Scalar, variance } from './scalar.ts';

/** What the two-dimensional route may be off by, relative to √(E φ(u)² E φ(v)²): its panels resolve to about this. */
export const nestedError = 1e-13;

const density = (z: number): number => rootDensityAtZero * rootDensityAtZero * Math.exp((-z * z) / 2);

/** κ = E φ(u)φ(v), (u,v) ~ N(0, [[q1,k],[k,q2]]), by quadrature split at the kinks; |ρ| = 1 included. */
export function pairExpectation(phi: Scalar, kinks: readonly number[], q1: number, q2: number, k: number): number {
  return nestedExpectation(integrands([phi], kinks), 0, q1, q2, k);
}

/** κ̇ = E φ'(u)φ'(v), with φ' given almost everywhere as dphi (so that sign, with dphi = 0, has κ̇ = 0). */
export function pairDerivative(dphi: Scalar, kinks: readonly number[], q1: number, q2: number, k: number): number {
  return nestedExpectation(integrands([dphi], kinks), 0, q1, q2, k);
}

/**
 * E f(u)f(v) for f = source.functions[which].
 * @derived u = √q z for the larger variance q, v = √q' (ρ z + s w), s² = 1 − ρ²; z, w ~ N(0,1) independent: an adaptive
 * integral over z of f(√q z) E_w f(v). The inner mean bends near z = x_k/(ρ √q'), on the scale s/|ρ|: the outer panels
 * are cut there. Taking the larger variance outside makes the result symmetric in its arguments to the last bit.
 * @param norm √(E f(u)² E f(v)²) where the caller has it.
 */
export function nestedExpectation(
  source: Integrands,
  which: number,
  q1: number,
  q2: number,
  k: number,
  norm?: number,
): number {
  const [outer, inner] = variance(q1) >= variance(q2) ? [q1, q2] : [q2, q1];
  const rho = correlation(q1, q2, k);
  const f = source.functions[which]!;
  const scale = norm ?? Math.sqrt(secondMoment(source, which, q1)) * Math.sqrt(secondMoment(source, which, q2));
  if (outer === 0) return f(0) * f(0);
  const rootOuter = Math.sqrt(outer);
  const radius = tailRadius(source.functions, outer);
  const innerMean = conditionalMean(source, which, inner, Math.sqrt((1 - rho) * (1 + rho)));
  const centre = Math.sqrt(inner) * rho;
  const ends = outerCuts(source, outer, inner, rho, radius);
  return integrate((z) => f(rootOuter * z) * density(z) * innerMean(centre * z), ends, scale);
}

/** Where the outer variable's panels end: f's own cuts, those of f(ρ √q' z), and a band around each kink of the latter. */
function outerCuts(source: Integrands, outer: number, inner: number, rho: number, radius: number): number[] {
  const rootOuter = Math.sqrt(outer);
  const cuts = Array.from(source.cuts(rootOuter * radius));
  const points = cuts.map((x) => x / rootOuter);
  const slope = rho * Math.sqrt(inner);
  const width = Math.sqrt((1 - rho) * (1 + rho)) / Math.abs(rho);
  const ratio = slope / rootOuter;
  // Nearly the same cuts twice would only make empty panels; far coarser ones are no finer than the density's.
  if (Math.abs(ratio) > 0.05 && Math.abs(ratio - 1) > 0.02) for (const x of cuts) points.push(x / slope);
  if (width < 0.5) {
    for (const x of source.kinks) for (const step of bandSteps) points.push(x / slope + step * width);
  }
  return finerThan(ordered(points, -radius, radius), densityPanel);
}

/** Cuts around a smoothed kink, in units of the smoothing: beyond 9 of them the kink's trace is e^-40. */
const bandSteps = [-9, -6, -3, 0, 3, 6, 9];

/** Widest inner panel: exp(−w²/2) on a width of 3 has Legendre coefficients below 1e-15 from degree 24 on. */
const innerPanel = 3;
/** Step of the trapezoidal rule for E_w of a function that is entire on the window: it misses exp(−2π²/step²) = 1e-21. */
const trapezoidStep = 0.625;
/** The window may be this much narrower than the outer radius: 12.5 − 3 = 9.5, exp(−9.5²/2) = 3e-20. */
const windowSlack = 3;

/** m ↦ E_w f(m + σ w), σ = s √q: exact for σ = 0, a short trapezoidal sum where f is one polynomial on the window. */
function conditionalMean(source: Integrands, which: number, q: number, s: number): (m: number) => number {
  const f = source.functions[which]!;
  const sigma = s * Math.sqrt(q);
  if (sigma === 0) return f;
  const radius = tailRadius(source.functions, q);
  const window = radius - windowSlack;
  const reach = radius * Math.sqrt(q);
  const cuts = source.cuts(reach);
  const short = trapezoid(window);
  return (m) => {
    const lo = Math.max(m - window * sigma, -reach);
    const hi = Math.min(m + window * sigma, reach);
    if (!(lo < hi)) return 0;
    const first = lastAtMost(cuts, lo);
    if (hi - lo > 1.9 * window * sigma && oneSmoothPiece(cuts, source.kinks, first, lo, hi, window * sigma)) {
      return smoothMean(f, m, sigma, short);
    }
    return panelMean(f, m, sigma, cuts, first, lo, hi);
  };
}

function trapezoid(window: number) {
  const count = Math.ceil(window / trapezoidStep);
  const w = Float64Array.from({ length: 2 * count + 1 }, (_, i) => (i - count) * trapezoidStep);
  return { w, weights: w.map((node) => trapezoidStep * density(node)) };
}

function smoothMean(f: Scalar, m: number, sigma: number, rule: ReturnType<typeof trapezoid>): number {
  let sum = 0;
  for (let i = 0; i < rule.w.length; i++) sum += rule.weights[i]! * f(m + sigma * rule.w[i]!);
  return sum;
}

/** Whether no kink lies in [lo, hi] and every panel that meets it is at least wide enough to be one smooth piece there. */
function oneSmoothPiece(
  cuts: Float64Array,
  kinks: readonly number[],
  first: number,
  lo: number,
  hi: number,
  widthLeast: number,
): boolean {
  for (const x of kinks) if (x > lo && x < hi) return false;
  for (let i = first; i + 1 < cuts.length && cuts[i]! < hi; i++) if (cuts[i + 1]! - cuts[i]! < widthLeast) return false;
  return true;
}

function panelMean(
  f: Scalar,
  m: number,
  sigma: number,
  cuts: Float64Array,
  first: number,
  lo: number,
  hi: number,
): number {
  let sum = 0;
  for (let cut = first, a = lo; a < hi; cut++) {
    const b = cut + 1 < cuts.length ? Math.min(hi, cuts[cut + 1]!) : hi;
    const parts = Math.ceil((b - a) / (innerPanel * sigma));
    for (let part = 0; part < parts; part++) {
      const half = (b - a) / parts / 2;
      const middle = a + (2 * part + 1) * half;
      for (let i = 0; i < panelNodes; i++) {
        const x = middle + half * panelRule.nodes[i]!;
        const w = (x - m) / sigma;
        sum += half * panelRule.weights[i]! * Math.exp((-w * w) / 2) * f(x);
      }
    }
    a = Math.max(a, b);
  }
  return (sum * rootDensityAtZero * rootDensityAtZero) / sigma;
}

/** The largest i with cuts[i] ≤ x, or 0. */
function lastAtMost(cuts: Float64Array, x: number): number {
  let lo = 0;
  let hi = cuts.length - 1;
  while (lo < hi) {
    const middle = (lo + hi + 1) >> 1;
    if (cuts[middle]! <= x) lo = middle;
    else hi = middle - 1;
  }
  return lo;
}
