/** How long a planned Gram matrix takes, roughly. */
import type { TileCost } from './cost.ts';

export interface CostEstimate {
  readonly pairs: number;
  readonly flops: number;
  /** Bytes of output. */
  readonly bytes: number;
  /** Coefficients of each series that are counted: how many a pair needs depends on its correlation. */
  readonly coefficients: number;
  /** On one thread, values of samples not counted. */
  readonly seconds: number;
}

/**
 * What one thread of the wasm target does on a core of an AMD EPYC, 2026-11-22: within a factor of two, mostly within
 * 25 %, of the processor time of dense and relu networks of 1 to 20 layers, erf, gelu, sin and tanh, 3 to 784 features,
 * n = 1500 to 3000. What is written costs the pages it lies in.
 */
export const flopsPerSecond = 20e9;
export const bytesPerSecond = 1e9;
/** Leaves |ρ| = 1/2 an error of 2e-10. */
const coefficients = 32;

/** Of a Gram matrix [n m]; of a symmetric one half the pairs are computed. */
export function estimateCost(cost: TileCost, n: number, m: number, symmetric: boolean): CostEstimate {
  const pairs = symmetric ? (n * (n + 1)) / 2 : n * m;
  const { innerFlops, fusedFlops, flopsPerCoefficient, outputBytes } = cost;
  const flops = pairs * (innerFlops + fusedFlops + coefficients * flopsPerCoefficient);
  const bytes = n * m * outputBytes;
  return { pairs, flops, bytes, coefficients, seconds: flops / flopsPerSecond + bytes / bytesPerSecond };
}
