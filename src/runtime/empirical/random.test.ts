import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import { normals, streamOf, subStream } from './random.ts';

const N = 200_000;

const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
const moment = (values: Float64Array, power: number) => mean(values.map((v) => v ** power));

/** Φ by the erfc of Numerical Recipes (|error| < 1.2e-7, far below the 1/√N that KS resolves). */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + z / 2);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const erfc = t * Math.exp(-z * z + coefficients.reduceRight((sum, c) => sum * t + c, 0));
  return x > 0 ? 1 - erfc / 2 : erfc / 2;
}

/** √N times the largest distance of the empirical distribution from N(0,1): above 1.95 with probability 0.001. */
function kolmogorovSmirnov(values: Float64Array): number {
  const sorted = values.slice().sort();
  const distance = sorted.reduce((most, x, k) => {
    const p = normalCdf(x);
    return Math.max(most, p - k / sorted.length, (k + 1) / sorted.length - p);
  }, 0);
  return distance * Math.sqrt(sorted.length);
}

/** Correlation of two lists of unit normals, in standard errors. */
function correlation(a: Float64Array, b: Float64Array): number {
  return mean(a.map((value, k) => value * b[k]!)) * Math.sqrt(a.length);
}

// Seeds are fixed, so these tests never fail by chance; the bounds are where a right generator falls with p > 0.999.
describe('normals', () => {
  it('has the moments of N(0, std²)', () => {
    const z = normals(N, 1, 12345);
    const standardErrors = [1, 2, 15, 96, 945, 10170].map((variance) => Math.sqrt(variance / N));
    [0, 1, 0, 3, 0, 15].forEach((expected, k) => {
      expect(Math.abs(moment(z, k + 1) - expected)).toBeLessThan(3.3 * standardErrors[k]!);
    });
    expect([...normals(5, 2.5, 12345)]).toEqual([...z.subarray(0, 5)].map((v) => expect.closeTo(2.5 * v, 14)));
  });

  it('follows the normal distribution (Kolmogorov-Smirnov)', () => {
    expect(kolmogorovSmirnov(normals(N, 1, 7))).toBeLessThan(1.95);
    // It must be able to fail: 3 % more spread moves the distribution by 0.0073, which is 3.2 at this N.
    expect(kolmogorovSmirnov(normals(N, 1.03, 8))).toBeGreaterThan(1.95);
  });

  it('reaches the tails', () => {
    const beyond = normals(N, 1, 3).filter((v) => Math.abs(v) > 4).length;
    // Expected 12.7: a Poisson count within 4 standard deviations.
    expect(beyond).toBeGreaterThan(0);
    expect(beyond).toBeLessThan(27);
  });

  it('repeats itself for the same seed, whatever the length asked for', () => {
    expect([...normals(7, 1, 42)]).toEqual([...normals(8, 1, [42]).subarray(0, 7)]);
  });

  it('has uncorrelated neighbours', () => {
    const z = normals(N, 1, 99);
    for (const lag of [1, 2, 3]) {
      expect(Math.abs(correlation(z.subarray(0, N - lag), z.subarray(lag)))).toBeLessThan(3.3);
    }
  });
});

describe('streams', () => {
  const neighbours: readonly (readonly [readonly number[], readonly number[]])[] = [
    [[1], [2]],
    [
      [1, 0],
      [1, 1],
    ],
    [
      [1, 0, 0],
      [1, 0, 1],
    ],
    [[0], [-1]],
    [[1], [1 + 2 ** 32]],
    [[1], [1, 0]],
    [
      [1, 2],
      [2, 1],
    ],
  ];

  it.each(neighbours)('%j and %j are independent', (one, other) => {
    const [a, b] = [normals(50_000, 1, one), normals(50_000, 1, other)];
    expect(Math.abs(correlation(a, b))).toBeLessThan(3.3);
    expect(new Set([...a.subarray(0, 1000), ...b.subarray(0, 1000)]).size).toBe(2000);
  });

  it('taken across seeds are normal and uncorrelated at every position', () => {
    const streams = Array.from({ length: 20_000 }, (_, seed) => normals(4, 1, seed));
    const columns = [0, 1, 2, 3].map((k) => Float64Array.from(streams, (stream) => stream[k]!));
    for (const column of columns) {
      expect(kolmogorovSmirnov(column)).toBeLessThan(1.95);
      expect(Math.abs(correlation(column.subarray(1), column.subarray(0, -1)))).toBeLessThan(3.3);
    }
  });

  it('differ in about half of the 128 bits of their state for one bit of the seed', () => {
    const bits = (word: number) => (word >>> 0).toString(2).replaceAll('0', '').length;
    const base = streamOf([77, 3]).getState();
    for (let bit = 0; bit < 31; bit++) {
      const state = streamOf([77 ^ (1 << bit), 3]).getState();
      const differing = state.reduce((sum, word, k) => sum + bits(word ^ base[k]!), 0);
      // Binomial(128, 1/2): mean 64, standard deviation 5.7; four of them.
      expect(Math.abs(differing - 64)).toBeLessThan(23);
    }
  });

  it('refuse a seed that is not an integer', () => {
    expect(() => normals(1, 1, 0.5)).toThrow(NtkcError);
    expect(() => normals(1, 1, [1, Number.NaN])).toThrow(NtkcError);
  });

  it('nest', () => {
    expect(subStream(5, 1, 2)).toEqual([5, 1, 2]);
    expect(subStream([5, 1], 2)).toEqual([5, 1, 2]);
  });
});
