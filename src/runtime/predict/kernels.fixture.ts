import type { GramFunction } from './fit.ts';

/** exp(−|x − y|²/2), written out: a kernel for tests. */
export const gaussianKernel = (d: number): GramFunction =>
  pairwise(d, (x, y) => Math.exp(-0.5 * x.reduce((total, v, k) => total + (v - y[k]!) ** 2, 0)));

/** <x, y>: ridge regression on it is linear ridge regression. */
export const linearKernel = (d: number): GramFunction =>
  pairwise(d, (x, y) => x.reduce((total, v, k) => total + v * y[k]!, 0));

/**
 * NTK of `depth` dense layers with ReLU between them, without bias, W ~ N(0, variance): mathematics.md §1 typed in by
 * hand, one pair at a time, as an independent reading.
 */
export const reluNtk = (d: number, depth: number, variance: number): GramFunction =>
  pairwise(d, (x, y) => {
    const dot = (a: Float64Array, b: Float64Array) => a.reduce((total, v, k) => total + v * b[k]!, 0) / d;
    let [k, q, r] = [variance * dot(x, y), variance * dot(x, x), variance * dot(y, y)];
    let t = k;
    for (let layer = 1; layer < depth; layer++) {
      const s = Math.sqrt(Math.max(0, q * r - k * k));
      const theta = Math.atan2(s, k);
      t *= (variance * (Math.PI - theta)) / (2 * Math.PI);
      k = (variance * (s + (Math.PI - theta) * k)) / (2 * Math.PI);
      [q, r] = [(variance * q) / 2, (variance * r) / 2];
      t += k;
    }
    return t;
  });

function pairwise(d: number, kernel: (x: Float64Array, y: Float64Array) => number): GramFunction {
  return (x1, n1, x2 = x1, n2) =>
    Float64Array.from({ length: n1 * n2 }, (_, at) => {
      const [i, j] = [Math.floor(at / n2), at % n2];
      return kernel(x1.subarray(i * d, (i + 1) * d), x2.subarray(j * d, (j + 1) * d));
    });
}
