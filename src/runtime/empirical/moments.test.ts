import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accumulateMoments } from './moments.ts';

describe('accumulateMoments', () => {
  it('agrees with the two-pass formulas', () => {
    const list = fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 20 });
    fc.assert(
      fc.property(list, (values) => {
        const accumulator = accumulateMoments(2);
        for (const value of values) accumulator.add(Float64Array.of(value, -2 * value));
        const { mean, standardError, samples } = accumulator.result();
        const n = values.length;
        const average = values.reduce((sum, v) => sum + v, 0) / n;
        const squares = values.reduce((sum, v) => sum + (v - average) ** 2, 0);
        expect(samples).toBe(n);
        // Rounding only: values of at most 10.
        expect(mean[0]).toBeCloseTo(average, 12);
        expect(mean[1]).toBeCloseTo(-2 * average, 12);
        expect(standardError[0]! ** 2).toBeCloseTo(squares / ((n - 1) * n), 11);
      }),
    );
  });

  it('keeps its digits at a large mean', () => {
    const accumulator = accumulateMoments(1);
    for (const value of [1, 2, 3]) accumulator.add(Float64Array.of(1e9 + value));
    // Σ (v − mean)² = 2, over 2·3; the naive Σ v² − n mean² would have lost it.
    expect(accumulator.result().standardError[0]).toBeCloseTo(Math.sqrt(1 / 3), 7);
  });
});
