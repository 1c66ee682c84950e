import { describe, expect, it } from 'vitest';
import { gaussianMean, gaussianSecondMoment } from './mean.ts';

/** Relative: sums of some hundred positive terms, each to a few roundings. */
const relative = 1e-13;

const close = (value: number, exact: number) =>
  expect(Math.abs(value - exact)).toBeLessThanOrEqual(relative * Math.abs(exact));

describe('gaussianMean', () => {
  it.each([1e-8, 0.1, 1, 10, 100])('has the closed forms at variance %d', (q) => {
    close(
      gaussianMean((x) => Math.max(x, 0), [0], q),
      Math.sqrt(q / (2 * Math.PI)),
    );
    close(gaussianMean(Math.exp, [], q), Math.exp(q / 2));
    close(
      gaussianMean((x) => x ** 8, [], q),
      105 * q ** 4,
    );
    close(
      gaussianSecondMoment((x) => x ** 9, [], q),
      34459425 * q ** 9,
    );
    close(
      gaussianMean((x) => Math.exp(-x * x), [], q),
      1 / Math.sqrt(1 + 2 * q),
    );
    close(gaussianSecondMoment(Math.sin, [], q), -Math.expm1(-2 * q) / 2);
  });

  it('is φ(0) at variance 0', () => {
    expect(gaussianMean(Math.cos, [], 0)).toBe(1);
    expect(gaussianSecondMoment((x) => x + 3, [], 0)).toBe(9);
  });

  it('finds an unlisted kink and an unlisted jump', () => {
    close(gaussianMean(Math.abs, [], 2), Math.sqrt(4 / Math.PI));
    close(
      gaussianSecondMoment((x) => (x > 0.3 ? 1 : -1), [], 2),
      1,
    );
    // The deepest panel around the jump: 2^-46 of the density there.
    const both = [[], [0.3]].map((kinks) => gaussianMean((x) => (x > 0.3 ? 1 : 0), kinks, 2));
    close(both[0]!, both[1]!);
  });

  it('sees a layer far thinner than the panel next to it', () => {
    for (const steep of [1e2, 1e3, 1e4, 1e5, 1e6]) {
      // For a smooth even factor the odd part drops out: E (1 + tanh) cos = E cos.
      close(
        gaussianMean((x) => (1 + Math.tanh(steep * x)) * Math.cos(x), [], 1),
        Math.exp(-0.5),
      );
      // 1 − tanh² integrates to 2/steep: E = density(0)·2/steep·(1 − π²/(24 steep²) ...).
      const layer = gaussianMean((x) => 1 - Math.tanh(steep * (x - 1)) ** 2, [1], 1);
      expect(Math.abs((layer * steep * Math.sqrt(2 * Math.PI * Math.E)) / 2 - 1)).toBeLessThan(1 / steep ** 2 + 1e-9);
    }
  });

  it('integrates a wave of many periods', () => {
    expect(Math.abs(gaussianMean((x) => Math.cos(30 * x), [], 25))).toBeLessThan(relative);
    close(
      gaussianSecondMoment((x) => Math.cos(30 * x), [], 25),
      0.5,
    );
  });

  it('integrates exp(x²) where it converges and refuses it where it does not', () => {
    close(
      gaussianSecondMoment((x) => Math.exp(x * x), [], 0.2),
      1 / Math.sqrt(0.2),
    );
    expect(() => gaussianSecondMoment((x) => Math.exp(x * x), [], 0.25)).toThrow('does not converge at variance 0.25');
    expect(() => gaussianSecondMoment((x) => Math.exp(x * x), [], 4)).toThrow('does not converge at variance 4');
    expect(() => gaussianSecondMoment(Math.exp, [], 1000)).toThrow('does not converge at variance 1000');
  });

  it('refuses NaN, poles and impossible variances by name', () => {
    expect(() => gaussianMean(Math.log, [], 1)).toThrow(/no real value at x = -/);
    for (const at of [0, 1, -0.3])
      expect(() => gaussianMean((x) => 1 / (x - at), [at], 1)).toThrow(/singular near x = /);
    expect(() => gaussianMean((x) => 1 / (x - 1.7), [], 1)).toThrow(/singular near x = 1.7/);
    expect(() => gaussianMean(Math.tanh, [], -1)).toThrow('-1 is not a variance');
    expect(() => gaussianMean(Math.tanh, [], Number.NaN)).toThrow('NaN is not a variance');
  });

  it('takes an integrable logarithm', () => {
    // E log²|z| = ((γ + log 2)/2)² + π²/8.
    expect(gaussianSecondMoment((x) => Math.log(Math.abs(x - 1)), [1], 1)).toBeGreaterThan(0.5);
    const half = (0.5772156649015329 + Math.LN2) / 2;
    close(
      gaussianSecondMoment((x) => Math.log(Math.abs(x)), [0], 1),
      half * half + Math.PI ** 2 / 8,
    );
  });
});
