import { describe, expect, it } from 'vitest';
import { normals } from '../../runtime/empirical/index.ts';
import { decayOf } from './decay.ts';

const widths = [16, 32, 64, 128];
const networks = 10;

/** e^noise · (log m)^logPower · m^(−rate), independent in every network. */
const sampled = (rate: number, logPower: number, seed: number) =>
  widths.map((m, k) =>
    Array.from(normals(networks, 0.8, [seed, k]), (z) => Math.exp(z) * Math.log(m) ** logPower * m ** -rate),
  );

describe('decayOf', () => {
  it('finds the exponent within its standard error', () => {
    const trials = Array.from({ length: 400 }, (_, seed) =>
      decayOf(widths, sampled(2, 0, seed), { rate: 2, logPower: 0 }, true),
    );
    const scores = trials.map(({ slope, standardError }) => (slope! + 2) / standardError);
    const meanSquare = scores.reduce((sum, z) => sum + z * z, 0) / scores.length;
    // Student's t with 36 degrees of freedom has variance 36/34 = 1.06; the mean of 400 squares has standard error 0.08.
    expect(Math.abs(meanSquare - 1.06)).toBeLessThan(0.35);
    // Expected 0.001 · 400.
    expect(trials.filter(({ consistent }) => !consistent).length).toBeLessThan(5);
  });

  it('rejects a slower decay, and takes logarithms for what they are', () => {
    const verdicts = (rate: number, logPower: number, claim: { readonly rate: number; readonly logPower: number }) =>
      Array.from({ length: 50 }, (_, seed) => decayOf(widths, sampled(rate, logPower, seed), claim, true).consistent);
    // Standard errors are about 0.16: a slope wrong by 1 is 6 of them, 3 beyond the threshold.
    expect(verdicts(1, 0, { rate: 2, logPower: 0 }).filter(Boolean).length).toBeLessThan(3);
    expect(verdicts(2, 3, { rate: 2, logPower: 3 }).every(Boolean)).toBe(true);
    expect(verdicts(2, 3, { rate: 2, logPower: 0 }).filter(Boolean).length).toBeLessThan(15);
    expect(verdicts(3, 0, { rate: 2, logPower: 0 }).every(Boolean)).toBe(true);
  });

  it('has no slope where there is nothing, and no verdict where nothing is claimed', () => {
    const zero = decayOf(
      widths,
      widths.map(() => [0, 1e-12]),
      { rate: 2, logPower: 0 },
      true,
    );
    expect(zero).toMatchObject({ slope: null, consistent: true });
    const rounding = decayOf(
      widths,
      widths.map(() => [1e-11, 1e-12]),
      { rate: 2, logPower: 0 },
      true,
    );
    expect(rounding).toMatchObject({ slope: null, consistent: true });
    const kinked = decayOf(widths, sampled(0.5, 0, 1), { rate: 2, logPower: 0 }, false);
    expect(kinked.consistent).toBeNull();
  });

  it('gives median and quarters of the networks of each width', () => {
    const { low, median, high } = decayOf(
      [16, 32],
      [
        [4, 1, 3, 2, 5],
        [1, 2, 3, 4],
      ],
      { rate: 1, logPower: 0 },
      true,
    );
    expect([low, median, high]).toEqual([
      [2, 1.75],
      [3, 2.5],
      [4, 3.25],
    ]);
  });
});
