import { describe, expect, it } from 'vitest';
import { orthantProbability } from './orthant.ts';

const equal = (rho: number) => (i: number, j: number) => (i === j ? 1 : rho);
/** Roundings and the accepted error of the one-dimensional integral (1e-14). */
const rounding = 1e-13;

describe('orthantProbability', () => {
  it('is 1/(n + 1) for correlations of one half: u_i = z_i − z_0, and z_0 is the least of n + 1', () => {
    for (const n of [0, 1, 2, 3, 4]) {
      const points = Array.from({ length: n }, (_, i) => i);
      expect(Math.abs(orthantProbability(points, equal(0.5)) - 1 / (n + 1))).toBeLessThan(rounding);
    }
  });

  it('is a product where two pairs are independent, whatever the variances', () => {
    const rows = [
      [4, 1.2, 0, 0],
      [1.2, 1, 0, 0],
      [0, 0, 0.01, -0.09],
      [0, 0, -0.09, 9],
    ];
    const s = (i: number, j: number) => rows[i]![j]!;
    const expected = orthantProbability([0, 1], s) * orthantProbability([2, 3], s);
    expect(Math.abs(orthantProbability([0, 1, 2, 3], s) - expected)).toBeLessThan(rounding);
  });

  it('adds up to that of three over the sign of the fourth', () => {
    const rows = [
      [1, 0.3, -0.2, 0.9],
      [0.3, 1, 0.5, 0.1],
      [-0.2, 0.5, 1, -0.3],
      [0.9, 0.1, -0.3, 1],
    ];
    const s = (i: number, j: number) => rows[i]![j]!;
    const flipped = (i: number, j: number) => (i === 3 ? -1 : 1) * (j === 3 ? -1 : 1) * s(i, j);
    const sum = orthantProbability([0, 1, 2, 3], s) + orthantProbability([0, 1, 2, 3], flipped);
    expect(Math.abs(sum - orthantProbability([0, 1, 2], s))).toBeLessThan(rounding);
  });

  it('keeps its digits for four in three dimensions, and for near and equal pairs', () => {
    // In the plane of e1, e2, e3: four vectors whose positive half-spaces meet as those of the first three.
    const v = [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
      [1, 1, 1],
    ];
    const s = (i: number, j: number) => v[i]!.reduce((sum, x, d) => sum + x * v[j]![d]!, 0);
    expect(Math.abs(orthantProbability([0, 1, 2, 3], s) - 1 / 8)).toBeLessThan(1e-11);
    const twin = (i: number, j: number) => s(i === 3 ? 2 : i, j === 3 ? 2 : j);
    expect(Math.abs(orthantProbability([0, 1, 2, 3], twin) - 1 / 8)).toBeLessThan(1e-11);
  });
});
