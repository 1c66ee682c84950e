import { expect, it } from 'vitest';
import { bytesPerSecond, estimateCost, flopsPerSecond } from './index.ts';

const cost = { innerFlops: 20, fusedFlops: 30, slowFlops: 3, flopsPerCoefficient: 6, sampleValues: 4, outputBytes: 16 };

it('counts half the pairs of a symmetric matrix, and writes all of it', () => {
  const half = estimateCost(cost, 10, 10, true);
  const whole = estimateCost(cost, 10, 10, false);
  expect(half).toMatchObject({ pairs: 55, bytes: 1600, flops: 55 * (50 + 6 * half.coefficients) });
  expect(whole).toMatchObject({ pairs: 100, bytes: 1600 });
  expect(estimateCost(cost, 10, 7, false)).toMatchObject({ pairs: 70, bytes: 1120 });
  expect(half.seconds).toBeCloseTo(half.flops / flopsPerSecond + 1600 / bytesPerSecond, 15);
});
