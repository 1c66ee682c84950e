import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extrapolate } from './extrapolate.ts';

/** (f(h) − f(−h))/2h at h, h/2, ..., and the rounding of each. */
function central(f: (t: number) => number, first: number, count = 14) {
  const steps = Array.from({ length: count }, (_, k) => first / 2 ** k);
  const size = Math.max(...steps.map((h) => Math.abs(f(h))));
  return {
    differences: steps.map((h) => (f(h) - f(-h)) / (2 * h)),
    roundings: steps.map((h) => (4 * Number.EPSILON * size) / h),
  };
}

describe('extrapolate', () => {
  it('finds the derivative within ten times the error it estimates, over scales of six orders', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -3, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (log, at) => {
          const s = 10 ** log;
          const { differences, roundings } = central((t) => Math.sin(s * t + at) + Math.exp(-((s * t) ** 2)), 0.1);
          const { value, error } = extrapolate(differences, roundings);
          const exact = s * Math.cos(at);
          expect(Math.abs(value - exact)).toBeLessThanOrEqual(10 * error);
          // Not merely wide: ten digits of s where cos is not small.
          expect(error).toBeLessThan(1e-8 * s);
        },
      ),
    );
  });

  it('is not deceived by long steps, where all differences are merely small', () => {
    // tanh(1e3 t): |D| ≤ 1/h from h = 0.1 to 1e-3, and the derivative is 1000.
    const { differences, roundings } = central((t) => Math.tanh(1e3 * t), 0.1);
    const { value, error } = extrapolate(differences, roundings);
    expect(Math.abs(value - 1000)).toBeLessThanOrEqual(10 * error);
    expect(error).toBeLessThan(1e-3);
  });

  it('knows no error from one difference, nor for values that are no numbers', () => {
    expect(extrapolate([2], [0])).toEqual({ value: 2, error: Number.POSITIVE_INFINITY });
    expect(extrapolate([Number.NaN, Number.NaN], [0, 0]).error).toBe(Number.POSITIVE_INFINITY);
  });
});
