import { describe, expect, it } from 'vitest';
import { normals } from '../empirical/index.ts';
import { mlp } from '../empirical/programs.fixture.ts';
import { cholesky } from '../solve/cholesky.ts';
import { symmetricEigen } from '../solve/symmetricEigen.ts';
import { solveCholesky } from '../solve/triangular.ts';
import { distance, trainingOf } from './dynamics.fixture.ts';
import { finiteTimeKernel, labelWeights } from './finiteTime.ts';
import { gradientFlow } from './gradientFlow.ts';
import { integrate } from './integrate.ts';
import { fromPairs, type HierarchyStart, hierarchyStart, pairsOf } from './start.ts';

/**
 * Equation (4) as it stands, by integration: h' = −(1/n) K (h − y); A' = h − y for the single integral; and for the
 * double one B' = (h − y) Aᵀ. Shares no formula with the closed form.
 */
function integrated({ n, points, y, f, kernels: [k2, k3, k4] }: HierarchyStart, times: readonly number[]) {
  const k = fromPairs(k2!, points);
  const y0 = new Float64Array(2 * n + n * n);
  y0.set(f.subarray(0, n));
  const { states } = integrate(
    (_, s, out) => {
      const r = y.map((target, i) => s[i]! - target);
      for (let i = 0; i < n; i++) {
        out[i] = -r.reduce((sum, value, j) => sum + k[i * points + j]! * value, 0) / n;
        out[n + i] = r[i]!;
        for (let j = 0; j < n; j++) out[2 * n + i * n + j] = r[i]! * s[n + j]!;
      }
    },
    y0,
    times,
    { tolerance: 1e-13 },
  );
  return states.map((s) => {
    const value = (pair: number) => {
      let sum = k2![pair]!;
      for (let i = 0; i < n; i++) sum -= (k3![pair * n + i]! * s[n + i]!) / n;
      for (let ij = 0; ij < n * n; ij++) sum += (k4![pair * n * n + ij]! * s[2 * n + ij]!) / n ** 2;
      return sum;
    };
    return fromPairs(
      Float64Array.from(pairsOf(points), (_, pair) => value(pair)),
      points,
    );
  });
}

/** Any numbers for K_3 and K_4: the closed form may not use what kernels of networks have in common. */
function madeUp(n: number, points: number, rank: number): HierarchyStart {
  const features = normals(points * rank, 1, [n, points, rank]);
  const dot = (a: number, b: number) =>
    Array.from({ length: rank }, (_, c) => features[a * rank + c]! * features[b * rank + c]!).reduce(
      (s, v) => s + v,
      0,
    );
  const pairs = pairsOf(points);
  return {
    n,
    points,
    y: normals(n, 1, [1, n]),
    f: normals(points, 1, [2, n]),
    kernels: [
      Float64Array.from(pairs, ([a, b]) => dot(a, b)),
      normals(pairs.length * n, 1, [3, n]),
      normals(pairs.length * n * n, 1, [4, n]),
    ],
  };
}

describe('finiteTimeKernel', () => {
  it.each([
    ['of full rank', madeUp(4, 6, 6)],
    ['singular', madeUp(5, 6, 2)],
    ['zero', { ...madeUp(3, 4, 1), kernels: madeUp(3, 4, 1).kernels.map((k, r) => (r === 0 ? k.map(() => 0) : k)) }],
    ['of a network', hierarchyStart(trainingOf(mlp({ widths: [3, 6, 6, 1], phi: 'erf(x)', bStd: 0.2 }), 4, 3, 2), 4)],
  ])('is equation (4), integrated; K2 %s', (_, start) => {
    const times = [0, 0.01, 1, 7];
    const closed = finiteTimeKernel(start, times);
    integrated(start, times).forEach((kernel, k) => {
      const size = kernel.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(distance(kernel, closed.kernel[k]!) / size).toBeLessThan(1e-9);
    });
  });

  it('is nearly singular where two samples nearly coincide, and loses nothing', () => {
    const training = trainingOf(mlp({ widths: [2, 8, 1], phi: 'tanh(x)' }), 4, 3);
    const close = { ...training, x: training.x.map((v, k) => (k < 2 ? training.x[k + 2]! + 1e-7 : v)) };
    const start = hierarchyStart(close, 4);
    expect(distance(integrated(start, [3])[0]!, finiteTimeKernel(start, [3]).kernel[0]!)).toBeLessThan(1e-9);
  });

  it('misses the kernel of gradient flow by t³', () => {
    const training = trainingOf(mlp({ widths: [2, 4, 1], phi: 'erf(x)' }), 3, 3);
    const times = [0.02, 0.04];
    const [flow, closed] = [
      gradientFlow(training, times, { tolerance: 1e-14 }),
      finiteTimeKernel(hierarchyStart(training, 4), times),
    ];
    const [early, late] = flow.kernel.map((kernel, k) => distance(kernel, closed.kernel[k]!));
    // The next power of t moves the slope by about t times a constant.
    expect(Math.abs(Math.log2(late! / early!) - 3)).toBeLessThan(0.15);
  });
});

describe('labelWeights', () => {
  it('at t = infinity with f_0 = 0 are those of the label-aware kernel: u uᵀ − P Q Pᵀ', () => {
    const n = 4;
    const [k2] = madeUp(n, n, n + 2).kernels;
    const [k, y] = [fromPairs(k2!, n), normals(n, 1, 9)];
    const { linear, quadratic } = labelWeights(
      k,
      y.map((v) => -v),
      Number.POSITIVE_INFINITY,
    );
    const u = solveCholesky(cholesky(k, n, {}), y, 1);
    const { values: d, vectors: p } = symmetricEigen(k, n);
    const w = d.map((_, i) => y.reduce((sum, v, a) => sum + p[a * n + i]! * v, 0));
    const q = (a: number, b: number) => {
      let sum = 0;
      for (let i = 0; i < n; i++)
        for (let j = 0; j < n; j++) sum += (p[a * n + i]! * w[i]! * w[j]! * p[b * n + j]!) / (d[j]! * (d[i]! + d[j]!));
      return sum;
    };
    const expected = Float64Array.from(quadratic, (_, at) => {
      const [a, b] = [Math.floor(at / n), at % n];
      return u[a]! * u[b]! - q(a, b);
    });
    const size = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(distance(linear, u) / Math.max(...u.map(Math.abs))).toBeLessThan(1e-11);
    expect(distance(quadratic, expected) / size).toBeLessThan(1e-10);
  });

  it('have no limit where the kernel is singular', () => {
    const residual = Float64Array.of(1, 1);
    expect(() => labelWeights(new Float64Array(4).fill(1), residual, Number.POSITIVE_INFINITY)).toThrow(/singular/);
    expect(labelWeights(new Float64Array(4).fill(1), residual, 1e9).linear[0]).toBeCloseTo(-0.5, 12);
  });
});
