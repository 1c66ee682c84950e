import { describe, expect, it } from 'vitest';
import { fitPowers } from './fit.ts';

describe('fitPowers', () => {
  const widths = [64, 256, 1024];
  const curve = (m: number) => 0.3 + 5 / m - 70 / m ** 2;

  it('recovers a parabola in 1/width, and is Richardson extrapolation there', () => {
    const { coefficients, combination, standardErrors } = fitPowers(
      widths,
      widths.map(curve),
      [4e-4, 1e-4, 1e-4],
      [0, 1, 2],
    );
    [0.3, 5, -70].forEach((value, i) => {
      expect(coefficients[i]! / value).toBeCloseTo(1, 9);
    });
    // Two steps of ratio 4: (16 (4 y3 − y2)/3 − (4 y2 − y1)/3)/15.
    [1 / 45, -20 / 45, 64 / 45].forEach((share, i) => {
      expect(combination[i]).toBeCloseTo(share, 9);
    });
    const variance = (4e-4 * 1 + 1e-4 * 20 ** 2 + 1e-4 * 64 ** 2) / 45 ** 2;
    expect(standardErrors[0]).toBeCloseTo(Math.sqrt(variance), 9);
  });

  it('averages by inverse variance when there are more widths than powers', () => {
    const { coefficients, standardErrors } = fitPowers([10, 20], [1, 4], [1, 2], [0]);
    expect(coefficients[0]).toBeCloseTo((1 / 1 + 4 / 2) / (1 + 1 / 2), 12);
    expect(standardErrors[0]).toBeCloseTo(Math.sqrt(1 / (1 + 1 / 2)), 12);
  });

  it('interpolates whatever the variances are', () => {
    const { coefficients } = fitPowers(widths, widths.map(curve), [1e40, 1, 1e-30], [0, 1, 2]);
    expect(coefficients[0]).toBeCloseTo(0.3, 5);
  });
});
