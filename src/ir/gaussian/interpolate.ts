/**
 * Hermite expansions at many variances from a few: a_p(q) is a smooth function of ln q, so its values at Chebyshev points
 * give it everywhere, to the rounding of the quadrature. Where that does not show, every variance is expanded.
 */
import type { DualActivation, SampleExpansion } from './dual.ts';

type Part = SampleExpansion['value'];

/** Intervals between the points at first, then half as many again until the last Chebyshev coefficients vanish: what tanh needs. */
const firstIntervals = (low: number, high: number) => 8 + Math.ceil(5 * Math.log(high / low));
/** Points are worth it where they are few beside the variances. */
const gain = 3;
/** What the last coefficients may be, relative to √(E φ²): the error of κ is of this size, far below any tolerance in use. */
const resolution = 1e-13;

/** What engine.prepare(qs) gives, up to `resolution`. Throws as it does. */
export function expandMany(engine: DualActivation, qs: Float64Array): SampleExpansion {
  const distinct = new Set(qs).size;
  const positive = qs.filter((q) => q > 0);
  const [low, high] = [
    positive.reduce((a, b) => Math.min(a, b), Infinity),
    positive.reduce((a, b) => Math.max(a, b), 0),
  ];
  if (!(high > low) || high === Infinity || positive.length < qs.length) return engine.prepare(qs);
  for (
    let intervals = firstIntervals(low, high);
    gain * intervals <= distinct;
    intervals = Math.ceil(1.5 * intervals)
  ) {
    const points = Float64Array.from({ length: intervals + 1 }, (_, k) =>
      k === 0 ? high : k === intervals ? low : Math.exp(middle(low, high) + half(low, high) * node(k, intervals)),
    );
    const few = engine.prepare(points);
    const parts = few.slope === undefined ? [few.value] : [few.value, few.slope];
    if (!parts.every((part) => isResolved(part, intervals))) continue;
    const weights = Array.from(qs, (q) => barycentric((Math.log(q) - middle(low, high)) / half(low, high), intervals));
    const [value, slope] = parts.map((part) => interpolated(part, weights));
    return { qs, value: value as Part, slope };
  }
  return engine.prepare(qs);
}

const middle = (low: number, high: number) => (Math.log(high) + Math.log(low)) / 2;
const half = (low: number, high: number) => (Math.log(high) - Math.log(low)) / 2;
/** Chebyshev points of the second kind: the ends are among them. */
export const node = (k: number, intervals: number) => Math.cos((Math.PI * k) / intervals);
const isEnd = (k: number, intervals: number) => k === 0 || k === intervals;

/** Whether the last two Chebyshev coefficients, over all degrees together, are below the resolution: those left out are smaller. */
export function isResolved({ coefficients, degree, second }: Part, intervals: number): boolean {
  const scale = Math.sqrt(second.reduce((a, b) => Math.max(a, b), 0));
  for (let j = intervals - 1; j <= intervals; j++) {
    let squares = 0;
    for (let p = 0; p < degree; p++) {
      let c = 0;
      for (let k = 0; k <= intervals; k++)
        c +=
          ((isEnd(k, intervals) ? 0.5 : 1) * (coefficients[k * degree + p] as number) * node(j * k, intervals)) /
          intervals;
      squares += 4 * c * c;
    }
    if (!(Math.sqrt(squares) <= resolution * scale)) return false;
  }
  return true;
}

/** λ_k(t) with f(t) = Σ_k λ_k(t) f(t_k) for the interpolant: the barycentric formula. */
function barycentric(t: number, intervals: number): Float64Array {
  const weights = new Float64Array(intervals + 1);
  let sum = 0;
  for (let k = 0; k <= intervals; k++) {
    const gap = t - node(k, intervals);
    if (gap === 0) return weights.fill(0).fill(1, k, k + 1);
    weights[k] = ((k % 2 === 0 ? 1 : -1) * (isEnd(k, intervals) ? 0.5 : 1)) / gap;
    sum += weights[k] as number;
  }
  return weights.map((w) => w / sum);
}

function interpolated(part: Part, weights: readonly Float64Array[]): Part {
  const { coefficients, degree, tails, second } = part;
  const out = new Float64Array(weights.length * degree);
  weights.forEach((lambda, i) => {
    for (let p = 0; p < degree; p++) {
      let sum = 0;
      for (let k = 0; k < lambda.length; k++) sum += (lambda[k] as number) * (coefficients[k * degree + p] as number);
      out[i * degree + p] = sum;
    }
  });
  const seconds = Float64Array.from(weights, (lambda) =>
    lambda.reduce((sum, w, k) => sum + w * (second[k] as number), 0),
  );
  // Relative tails at the points stand for those between.
  const worst = tails.reduce((most, tail, k) => (tail === 0 ? most : Math.max(most, tail / (second[k] as number))), 0);
  return { ...part, coefficients: out, second: seconds, tails: seconds.map((s) => worst * s) };
}
