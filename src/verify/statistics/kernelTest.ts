/**
 * The verdict on one kernel: finite-width means extrapolated to infinite width, compared with the limit.
 *
 * E mean(width) = limit + a/width + b/width² + ...: at any one width a right limit is off by the bias, and with enough
 * samples every z-score there rejects it. So the statistic is the intercept of a weighted fit in 1/width, whose
 * standard error follows from those of the means. What the fit neglects (1/width² with two widths, 1/width³ with more)
 * is bounded by an allowance taken from the fitted coefficients.
 */
import type { SingleKernel } from '../../ir/program/index.ts';
import type { BiasFit, KernelTest, WidthResult } from '../types.ts';
import { fitPowers } from './fit.ts';
import { logNormalTail, logStudentTail, normalFromLogTail, normalScore } from './student.ts';

export interface WidthMoments {
  readonly width: number;
  readonly samples: number;
  readonly limit: Float64Array;
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
}

/** Kernels equal to this relative precision are equal: below it differences are rounding, also without any scatter. */
const rounding = 1e-11;

/** |z| that a right derivation exceeds somewhere among `tests` scores with probability at most `falseAlarm`. */
export const rejectionThreshold = (falseAlarm: number, tests: number): number =>
  normalFromLogTail(Math.log(falseAlarm / tests));

export function testKernel(
  kernel: SingleKernel,
  n: number,
  data: readonly WidthMoments[],
  rule: { readonly falseAlarm: number; readonly tests: number },
): KernelTest {
  const widths = data.map((d) => d.width);
  const relative = data.map((d) => relativeDeviation(d, n));
  const powers = widths.length > 2 ? [0, 1, 2] : [0, 1];
  const fits = Array.from({ length: n * n }, (_, e) => fitEntry(e, widths, relative, data, powers));
  const allowance = allowanceOf(fits, widths, powers.length);
  const z = fits.map((f) => normalScore(beyond(f.deviation, allowance) / f.error, f.freedom));
  const threshold = rejectionThreshold(rule.falseAlarm, rule.tests);
  const worst = upperEntries(n).reduce((a, e) => (beats(z[e]!, z[a]!) ? e : a));
  const detectable = upperEntries(n)
    .map((e) => detectableSize(fits[e]!, threshold) + allowance)
    .sort((a, b) => a - b);
  return {
    kernel,
    n,
    verdict: Math.abs(z[worst]!) <= threshold ? 'agrees' : 'disagrees',
    widths: data.map((d, k) => widthResult(d, relative[k]!, n)),
    deviation: fits.map((f) => f.deviation),
    deviationError: fits.map((f) => f.error),
    powers,
    allowance,
    z,
    worst: { i: Math.floor(worst / n), j: worst % n, z: z[worst]! },
    threshold,
    tests: rule.tests,
    detectable: { median: detectable[Math.floor(detectable.length / 2)]!, largest: detectable.at(-1)! },
    bias: biasOf(widths, relative, n),
  };
}

/** Entries i ≤ j, as positions in [n n]. */
export const upperEntries = (n: number): readonly number[] =>
  Array.from({ length: n * n }, (_, e) => e).filter((e) => Math.floor(e / n) <= e % n);

interface Relative {
  readonly value: readonly number[];
  readonly error: readonly number[];
}

/** (mean − limit)/√(limit_ii limit_jj), which also a kernel that grows with the width (standard NTK) keeps comparable. */
function relativeDeviation({ limit, mean, standardError }: WidthMoments, n: number): Relative {
  const diagonal = Array.from({ length: n }, (_, i) => Math.abs(limit[i * n + i]!));
  const largest = Math.max(...diagonal, ...mean.map(Math.abs)) || 1;
  // A sample whose kernel vanishes is compared on the scale of the others.
  const sizes = diagonal.map((d) => Math.sqrt(d > rounding * largest ? d : largest));
  const scale = (e: number) => sizes[Math.floor(e / n)]! * sizes[e % n]!;
  return {
    value: Array.from(mean, (m, e) => (m - limit[e]!) / scale(e)),
    error: Array.from(standardError, (s, e) => Math.hypot(s / scale(e), rounding)),
  };
}

interface EntryFit {
  readonly deviation: number;
  readonly error: number;
  /** Of the error: Welch and Satterthwaite, since the widths have variances of their own. */
  readonly freedom: number;
  /** Of 1/width and, where fitted, 1/width². */
  readonly bias: readonly number[];
  readonly combination: readonly number[];
}

function fitEntry(
  e: number,
  widths: readonly number[],
  relative: readonly Relative[],
  data: readonly WidthMoments[],
  powers: readonly number[],
): EntryFit {
  const variances = relative.map((r) => r.error[e]! ** 2);
  const fit = fitPowers(
    widths,
    relative.map((r) => r.value[e]!),
    variances,
    powers,
  );
  const parts = fit.combination.map((c, m) => c * c * variances[m]!);
  const total = parts.reduce((a, b) => a + b, 0);
  const freedom = total ** 2 / parts.reduce((s, p, m) => s + p ** 2 / (data[m]!.samples - 1), 0);
  const [deviation, ...bias] = fit.coefficients;
  return { deviation: deviation!, error: fit.standardErrors[0]!, freedom, bias, combination: fit.combination };
}

/**
 * What the first neglected power adds to the intercept: c^p/p! · |Σ_m combination_m/width_m^p|, as if the bias were
 * that of e^{c/width}, and c the median over the entries of its fitted size.
 * @derived a product of independent layers has 1 + c/width + c²/(2 width²) + ...; the sum over m is the remainder of the
 * interpolation, about 1/Π widths.
 */
function allowanceOf(fits: readonly EntryFit[], widths: readonly number[], power: number): number {
  const factorial = power === 3 ? 6 : 2;
  const sizes = fits.map(({ bias: [a = 0, b = 0] }) => Math.max(Math.abs(a), Math.sqrt(2 * Math.abs(b))));
  const c = sizes.sort((x, y) => x - y)[Math.floor(sizes.length / 2)]!;
  const remainders = fits.map(({ combination }) =>
    Math.abs(combination.reduce((s, share, m) => s + share / widths[m]! ** power, 0)),
  );
  return (c ** power / factorial) * Math.max(...remainders);
}

const beyond = (value: number, allowance: number) => Math.sign(value) * Math.max(0, Math.abs(value) - allowance);

/** Whether a score is worse than another; one that is not a number is the worst of all. */
const beats = (a: number, b: number) => Number.isNaN(a) || Math.abs(a) > Math.abs(b);

/** threshold · error, the threshold turned from a normal score into Student's t of the entry's degrees of freedom. */
function detectableSize({ error, freedom }: EntryFit, threshold: number): number {
  const logTail = logNormalTail(threshold);
  const isBelow = (t: number) => logStudentTail(t, freedom) > logTail;
  let [low, high] = [threshold, threshold];
  while (isBelow(high) && high < 1e6) high *= 2;
  for (let i = 0; i < 40; i++) {
    const middle = (low + high) / 2;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  return high * error;
}

function widthResult(d: WidthMoments, relative: Relative, n: number): WidthResult {
  const worstZ = Math.max(...upperEntries(n).map((e) => Math.abs(relative.value[e]! / relative.error[e]!)));
  const plain = (a: Float64Array) => Array.from(a);
  return {
    width: d.width,
    samples: d.samples,
    limit: plain(d.limit),
    mean: plain(d.mean),
    standardError: plain(d.standardError),
    worstZ,
  };
}

function biasOf(widths: readonly number[], relative: readonly Relative[], n: number): BiasFit {
  const score = (e: number) => Math.min(...relative.slice(0, 2).map((r) => Math.abs(r.value[e]! / r.error[e]!)));
  const entry = upperEntries(n).reduce((a, e) => (score(e) > score(a) ? e : a));
  const values = relative.map((r) => r.value[entry]!);
  const errors = relative.map((r) => r.error[entry]!);
  const fit = fitPowers(
    widths,
    values,
    errors.map((s) => s * s),
    [1],
  );
  return {
    i: Math.floor(entry / n),
    j: entry % n,
    relative: values,
    relativeError: errors,
    slope: fit.coefficients[0]!,
    slopeError: fit.standardErrors[0]!,
    logLogSlope: logLogSlope(widths, values, errors),
  };
}

/** Least squares of log |bias| on log width, weights 1/(relative error)²; null unless it stands out at two widths. */
function logLogSlope(widths: readonly number[], values: readonly number[], errors: readonly number[]): number | null {
  const kept = widths.map((_, k) => k).filter((k) => Math.abs(values[k]!) > 3 * errors[k]!);
  if (kept.length < 2) return null;
  const weight = kept.map((k) => (values[k]! / errors[k]!) ** 2);
  const x = kept.map((k) => Math.log(widths[k]!));
  const y = kept.map((k) => Math.log(Math.abs(values[k]!)));
  const total = weight.reduce((a, b) => a + b, 0);
  const mean = (v: readonly number[]) => v.reduce((s, value, k) => s + weight[k]! * value, 0) / total;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = mean(x.map((v, k) => (v - mx) * (y[k]! - my)));
  return covariance / mean(x.map((v) => (v - mx) ** 2));
}
