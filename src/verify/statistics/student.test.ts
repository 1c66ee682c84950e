import { describe, expect, it } from 'vitest';
import { logNormalTail, logStudentTail, normalFromLogTail, normalScore } from './student.ts';

/** Tabulated quantiles are printed to five or six digits. */
const digits = 4;

describe('tail probabilities', () => {
  it('of the normal distribution match tables, also far out', () => {
    expect(Math.exp(logNormalTail(1.959964))).toBeCloseTo(0.05, 6);
    expect(Math.exp(logNormalTail(2.575829))).toBeCloseTo(0.01, 7);
    // 2 Q(10) = 1.523970604832e-23
    expect(logNormalTail(10)).toBeCloseTo(Math.log(1.523970604832e-23), 10);
    expect(logNormalTail(1.9999999999)).toBeCloseTo(logNormalTail(2.0000000001), 8);
  });

  it("of Student's distribution match tables and the closed forms of 1 and 2 degrees of freedom", () => {
    for (const [freedom, t] of [
      [5, 2.570582],
      [10, 2.228139],
      [30, 2.042272],
      [100, 1.983972],
    ] as const)
      expect(Math.exp(logStudentTail(t, freedom))).toBeCloseTo(0.05, digits + 2);
    for (const t of [0.1, 1, 7, 300]) {
      expect(Math.exp(logStudentTail(t, 1))).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 12);
      expect(logStudentTail(t, 2)).toBeCloseTo(Math.log(2 / (t * t + 2) / (1 + t / Math.sqrt(t * t + 2))), 10);
    }
  });

  it('invert, and tend to the normal law', () => {
    for (const z of [0.3, 1.7, 4.2, 20]) expect(normalFromLogTail(logNormalTail(z))).toBeCloseTo(z, 9);
    expect(normalScore(4, 1e7)).toBeCloseTo(4, digits);
    expect(normalScore(-4, 30)).toBeGreaterThan(-3.7);
    expect(normalScore(-4, 30)).toBeLessThan(-3.4);
    expect(normalScore(0, 12)).toBe(0);
  });
});
