/** Exponents of quantities that fall like a power of the width. */
import type { Claim, Decay } from './types.ts';

/** What is below this, relative to the sizes of kernels and outputs, is the integrator's error: nothing to fit. */
const ZERO = 1e-9;

/**
 * @param values values[width][network], not negative.
 * @param claimed whether `claim` applies, so that a slower decay is inconsistent. A slope fits the claim if it is at most
 * the slope of the claim itself over these widths plus three standard errors: a fit that is right is called
 * inconsistent with probability about 0.001.
 * @derived least squares of log(value) on log(width) over all networks; the variance is that of log(value) within
 * widths, pooled, so that a bend of the means does not count as chance: Var(slope) = s²/Σ (log m − mean)²
 */
export function decayOf(
  widths: readonly number[],
  values: readonly (readonly number[])[],
  claim: Claim,
  claimed: boolean,
): Decay {
  const sorted = values.map((list) => list.toSorted((a, b) => a - b));
  const quantities = {
    median: sorted.map((list) => quantile(list, 0.5)),
    low: sorted.map((list) => quantile(list, 0.25)),
    high: sorted.map((list) => quantile(list, 0.75)),
    claim,
  };
  if (sorted.some((list) => list[0]! === 0) || quantities.median.every((value) => value < ZERO))
    return { ...quantities, slope: null, standardError: 0, consistent: claimed ? true : null };
  const logs = values.map((list) => list.map(Math.log));
  const slope = slopeOn(widths, logs.map(mean));
  const standardError = slopeError(widths, logs);
  const claimedSlope = slopeOn(
    widths,
    widths.map((m) => claim.logPower * Math.log(Math.log(m)) - claim.rate * Math.log(m)),
  );
  return {
    ...quantities,
    slope,
    standardError,
    consistent: claimed ? slope <= claimedSlope + 3 * standardError : null,
  };
}

/** Of y against log(width), by least squares. */
function slopeOn(widths: readonly number[], y: readonly number[]): number {
  const x = centred(widths.map(Math.log));
  return x.reduce((sum, v, k) => sum + v * y[k]!, 0) / squares(x);
}

function slopeError(widths: readonly number[], logs: readonly (readonly number[])[]): number {
  const count = logs[0]!.length;
  const within = logs.reduce((sum, list) => sum + squares(centred(list)), 0) / (widths.length * (count - 1));
  return Math.sqrt(within / (count * squares(centred(widths.map(Math.log)))));
}

const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
const centred = (values: readonly number[]) => values.map((v) => v - mean(values));
const squares = (values: readonly number[]) => values.reduce((sum, v) => sum + v * v, 0);

/** Of a sorted list, linear between neighbours. */
function quantile(sorted: readonly number[], share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
