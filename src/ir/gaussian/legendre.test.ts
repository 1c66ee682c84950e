import { describe, expect, it } from 'vitest';
import { gaussLegendre, panelNodes, panelRule, unresolvedPart } from './legendre.ts';

/** A few roundings of numbers of order 1. */
const rounding = 4e-15;

describe('gaussLegendre', () => {
  it.each([2, 3, 5, 20, 33, 64])('with %i nodes integrates x^m to degree 2n − 1', (n) => {
    const { nodes, weights } = gaussLegendre(n);
    for (let m = 0; m < 2 * n; m++) {
      const sum = nodes.reduce((total, t, i) => total + weights[i]! * t ** m, 0);
      expect(Math.abs(sum - (m % 2 === 0 ? 2 / (m + 1) : 0))).toBeLessThan(rounding);
    }
    const missed = nodes.reduce((total, t, i) => total + weights[i]! * t ** (2 * n), 0) - 2 / (2 * n + 1);
    if (n <= 5) expect(Math.abs(missed)).toBeGreaterThan(1e-5);
  });
});

describe('unresolvedPart', () => {
  it('is rounding for degree 16, the coefficient for P_17, and large for a step', () => {
    const at = (f: (t: number) => number) => unresolvedPart(panelRule.nodes.map(f));
    expect(panelNodes).toBe(20);
    expect(at((t) => t ** 16)).toBeLessThan(rounding);
    expect(at((t) => t ** 17)).toBeGreaterThan(1e-5);
    expect(at((t) => (t > 0.1 ? 1 : 0))).toBeGreaterThan(1e-2);
    expect(at(() => Number.NaN)).toBeNaN();
  });
});
