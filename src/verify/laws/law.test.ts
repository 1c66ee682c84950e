import { describe, expect, it } from 'vitest';
import { compareGrams, resultOf, worstOf } from './law.ts';

const law = { name: 'l', checks: 'c', source: 's', run: async () => [] };

describe('the worst error', () => {
  it('is the largest in units of what is allowed there', () => {
    const worst = worstOf('x');
    worst.add(1, 10, () => 'a');
    worst.add(0.5, 1, () => 'b');
    worst.add(0.4, 1, () => 'c');
    expect(worst.finding()).toEqual({ subject: 'x', error: 0.5, allowed: 1, at: 'b' });
  });

  it('fails when it is not a number, wherever that comes', () => {
    for (const values of [
      [Number.NaN, 0],
      [0, Number.NaN],
      [5, Number.NaN, 7],
    ]) {
      const worst = worstOf('x');
      for (const v of values) worst.add(v, 1, () => '');
      expect(resultOf(law, worst.finding())).toMatchObject({ passed: false, error: null });
    }
  });

  it('of two Gram matrices is relative to the diagonal', () => {
    const a = Float64Array.of(4, 1, 1, 100);
    const finding = compareGrams('x', a, Float64Array.of(4, 1.2, 1, 100), 2, () => 1e-3);
    expect(finding.error).toBeCloseTo(0.2 / 20, 12);
    expect(finding.at).toBe('samples 0, 1');
    expect(resultOf(law, finding).passed).toBe(false);
    expect(
      resultOf(
        law,
        compareGrams('x', a, a, 2, () => 1e-3),
      ).passed,
    ).toBe(true);
  });
});
