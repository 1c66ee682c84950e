import { expect, it } from 'vitest';
import { orthogonalNormals } from './orthogonalNormals.ts';

const [count, width] = [9, 4];
const row = (z: Float64Array, i: number) => z.subarray(i * width, (i + 1) * width);
const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, v, k) => sum + v * b[k]!, 0);

it('rows are orthogonal within blocks, and not beyond', () => {
  const z = orthogonalNormals(count, width, [1]);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < i; j++) {
      const sameBlock = Math.floor(i / width) === Math.floor(j / width);
      const size = Math.abs(dot(row(z, i), row(z, j)));
      if (sameBlock) expect(size).toBeLessThan(1e-12);
      else expect(size).toBeGreaterThan(1e-6);
    }
});

it('each row is standard normal: moments of its entries, and of products of two', () => {
  const draws = 4000;
  for (const at of [0, 3, 8]) {
    const sums = [0, 0, 0];
    for (let seed = 0; seed < draws; seed++) {
      const [a, b] = row(orthogonalNormals(count, width, [7, seed]), at) as unknown as [number, number];
      [a * a, a ** 4, a * a * b * b].forEach((v, k) => {
        sums[k]! += v / draws;
      });
    }
    // E a² = 1, E a⁴ = 3, E a²b² = 1 with standard deviations √2, √96, √8: five standard errors.
    const deviations = [Math.SQRT2, Math.sqrt(96), Math.sqrt(8)].map((s) => (5 * s) / Math.sqrt(draws));
    [1, 3, 1].forEach((mean, k) => {
      expect(Math.abs(sums[k]! - mean)).toBeLessThan(deviations[k]!);
    });
  }
});
