import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { erf } from './erf.ts';
import { gaussianMean, gaussianSecondMoment } from './mean.ts';
import { pairDerivative, pairExpectation } from './nested.ts';

/** Relative, as promised; what is measured is 1e-14 wherever the closed form itself keeps its digits. */
const promised = 1e-10;
/** Against √(E φ(u)² E φ(v)²), where the expectation itself may vanish. */
const measured = 1e-13;

const relu = (x: number) => Math.max(x, 0);
const step = (x: number) => (x > 0 ? 1 : 0);
const correlations = [0, 0.3, -0.7, 0.9, 0.999, 1 - 1e-6, 1 - 1e-9, 1 - 1e-12, 1];
const variances = [
  [1, 1],
  [4, 4],
  [100, 0.5],
  [0.1, 3],
] as const;
const cases = variances.flatMap(([q, p]) => correlations.map((rho) => [q, p, rho] as const));

/** The arc-cosine kernels of degree 1 and 0. */
function arcCosine(q: number, p: number, k: number) {
  const c = Math.sqrt(q) * Math.sqrt(p);
  const s = Math.sqrt(Math.max(0, (c - k) * (c + k)));
  const theta = Math.atan2(s, k);
  return { s, theta };
}

describe('pairExpectation', () => {
  it.each(cases)("is the closed form of relu and abs at q = %d, q' = %d, ρ = %d", (q, p, rho) => {
    const k = rho * (Math.sqrt(q) * Math.sqrt(p));
    const { s, theta } = arcCosine(q, p, k);
    const exact = (s + (Math.PI - theta) * k) / (2 * Math.PI);
    expect(Math.abs(pairExpectation(relu, [0], q, p, k) / exact - 1)).toBeLessThan(promised);
    const exactAbs = (2 / Math.PI) * (s + (Math.PI / 2 - theta) * k);
    expect(Math.abs(pairExpectation(Math.abs, [0], q, p, k) / exactAbs - 1)).toBeLessThan(promised);
    const slope = (Math.PI - theta) / (2 * Math.PI);
    expect(Math.abs(pairDerivative(step, [0], q, p, k) / slope - 1)).toBeLessThan(promised);
  });

  it('is the closed form of exp(−x²) and exp(x), smooth and without kinks', () => {
    for (const [q, p, rho] of cases) {
      const k = rho * (Math.sqrt(q) * Math.sqrt(p));
      const exact = ((1 + 2 * q) * (1 + 2 * p) - 4 * k * k) ** -0.5;
      expect(Math.abs(pairExpectation((x) => Math.exp(-x * x), [], q, p, k) / exact - 1)).toBeLessThan(promised);
      const norm = Math.exp(q + p);
      expect(Math.abs(pairExpectation(Math.exp, [], q, p, k) - Math.exp((q + p) / 2 + k))).toBeLessThan(1e-12 * norm);
    }
  }, 30000);

  it('is the arcsine law for erf', () => {
    for (const [q, p, k] of [
      [1, 1, 0.5],
      [3, 0.2, -0.7],
      [5, 5, 4.9999],
    ] as const) {
      const exact = (2 / Math.PI) * Math.asin((2 * k) / Math.sqrt((1 + 2 * q) * (1 + 2 * p)));
      expect(Math.abs(pairExpectation(erf, [], q, p, k) - exact)).toBeLessThan(1e-12);
    }
  });

  it('is, for hard tanh, the one-dimensional integral of clip(u) E[clip(v) | u], in closed form by erf', () => {
    const clip = (x: number) => Math.max(-1, Math.min(1, x));
    const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
    const below = (z: number) => (1 + erf(z / Math.SQRT2)) / 2;
    for (const [q, p, rho] of cases) {
      if (rho === 1) continue;
      const sigma = Math.sqrt(p) * Math.sqrt((1 - rho) * (1 + rho));
      const given = (u: number) => {
        const m = (rho * Math.sqrt(p) * u) / Math.sqrt(q);
        const [a, b] = [(-1 - m) / sigma, (1 - m) / sigma];
        return m * (below(b) - below(a)) + sigma * (density(a) - density(b)) + 1 - below(a) - below(b);
      };
      const bends = [-1, 1, -Math.sqrt(q / p) / rho, Math.sqrt(q / p) / rho];
      const exact = gaussianMean((u) => clip(u) * given(u), bends, q);
      const value = pairExpectation(clip, [-1, 1], q, p, rho * (Math.sqrt(q) * Math.sqrt(p)));
      const norm = Math.sqrt(gaussianSecondMoment(clip, [-1, 1], q) * gaussianSecondMoment(clip, [-1, 1], p));
      expect(Math.abs(value - exact)).toBeLessThan(measured * norm);
    }
  });

  it('is continuous into ρ = ±1 for elu, and exact there', () => {
    const elu = (x: number) => (x > 0 ? x : Math.expm1(x));
    for (const q of [0.1, 1, 10]) {
      const self = gaussianSecondMoment(elu, [0], q);
      expect(Math.abs(pairExpectation(elu, [0], q, q, q) - self)).toBeLessThan(measured * self);
      // κ̇ ≤ 1, so κ(1 − 1e-12) is within 1e-12·q of κ(1).
      const near = pairExpectation(elu, [0], q, q, q * (1 - 1e-12));
      expect(
        Math.abs(self - near - 1e-12 * q * gaussianSecondMoment((x) => (x > 0 ? 1 : Math.exp(x)), [0], q)),
      ).toBeLessThan(measured * self);
    }
  });

  it('is symmetric to the last bit, odd in k for an odd φ, and bounded by Cauchy–Schwarz', () => {
    const variance = fc.double({ min: 0.01, max: 50, noNaN: true });
    fc.assert(
      fc.property(variance, variance, fc.double({ min: -1, max: 1, noNaN: true }), (q, p, rho) => {
        const k = rho * Math.sqrt(q) * Math.sqrt(p);
        const value = pairExpectation(Math.tanh, [], q, p, k);
        const norm = Math.sqrt(gaussianSecondMoment(Math.tanh, [], q) * gaussianSecondMoment(Math.tanh, [], p));
        expect(pairExpectation(Math.tanh, [], p, q, k)).toBe(value);
        expect(Math.abs(pairExpectation(Math.tanh, [], q, p, -k) + value)).toBeLessThan(measured * norm);
        expect(Math.abs(value)).toBeLessThanOrEqual(norm * (1 + measured));
      }),
      { numRuns: 25 },
    );
  });

  it('has κ̇ as its derivative in k (Price)', () => {
    const clip = (x: number) => Math.max(-1, Math.min(1, x));
    const dclip = (x: number) => (Math.abs(x) < 1 ? 1 : 0);
    const [q, p, k, h] = [2, 3, 1.4, 1e-3];
    const at = (shift: number) => pairExpectation(clip, [-1, 1], q, p, k + shift);
    // Fourth-order difference: h⁴ = 1e-12 times a fifth derivative of order 1.
    const difference = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    expect(Math.abs(pairDerivative(dclip, [-1, 1], q, p, k) - difference)).toBeLessThan(1e-11);
  });

  it('takes variance 0, and refuses a covariance no pair has', () => {
    expect(pairExpectation(Math.cos, [], 0, 0, 0)).toBe(1);
    expect(Math.abs(pairExpectation(Math.cos, [], 2, 0, 0) - Math.exp(-1))).toBeLessThan(measured);
    expect(() => pairExpectation(Math.cos, [], 1, 1, 1.01)).toThrow('not positive semi-definite');
    expect(() => pairExpectation(Math.cos, [], 1, 1, Number.NaN)).toThrow('not positive semi-definite');
    expect(() => pairExpectation((x) => Math.exp(x * x), [], 1, 0.1, 0.1)).toThrow('does not converge at variance 1');
  });
});
