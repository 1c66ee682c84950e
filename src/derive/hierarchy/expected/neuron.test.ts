import { describe, expect, it } from 'vitest';
import { gaussianMoment, type NeuronTerm, neuronKernel, parallelNeuronKernel } from './neuron.ts';
import { paperK4 } from './quadrature.fixture.ts';

/** Value of the terms for given numbers σ^(p)(u_k) = s[k][p]. */
const numberOf = (terms: readonly NeuronTerm[], a: number, g: (i: number, j: number) => number, s: number[][]) =>
  terms.reduce(
    (sum, t) =>
      sum +
      t.grams.reduce((p, [i, j]) => p * g(i, j), t.coefficient * a ** t.power) *
        t.factors.reduce((p, f) => p * s[f.at]![f.order]!, 1),
    0,
  );

const random = (seed: number) => () => {
  const next = Math.sin(seed++ * 12.9898) * 43758.5453;
  return 2 * (next - Math.floor(next)) - 1;
};

describe('neuronKernel', () => {
  it('has 2, 5 and 20 terms for orders 2, 3 and 4', () => {
    expect([2, 3, 4].map((r) => neuronKernel(r).length)).toEqual([2, 5, 20]);
  });

  it('is the formula (15) of the paper', () => {
    const draw = random(1);
    for (let trial = 0; trial < 20; trial++) {
      const s = [0, 1, 2, 3].map(() => [0, 1, 2, 3].map(draw));
      const gram = [0, 1, 2, 3].map(() => [0, 1, 2, 3].map(draw));
      const g = (i: number, j: number) => gram[Math.min(i, j)]![Math.max(i, j)]!;
      const a = draw();
      // Roundings of 20 terms of order 1.
      expect(Math.abs(numberOf(neuronKernel(4), a, g, s) - paperK4(s, g, a ** 2, a ** 4))).toBeLessThan(1e-13);
    }
  });

  it('is symmetric in its first two places', () => {
    const draw = random(2);
    const s = [0, 1, 2, 3].map(() => [0, 1, 2, 3].map(draw));
    const gram = [0, 1, 2, 3].map(() => [0, 1, 2, 3].map(draw));
    const g = (i: number, j: number) => gram[Math.min(i, j)]![Math.max(i, j)]!;
    const swap = (i: number) => (i < 2 ? 1 - i : i);
    const swapped = numberOf(neuronKernel(4), 0.7, (i, j) => g(swap(i), swap(j)), [s[1]!, s[0]!, s[2]!, s[3]!]);
    expect(swapped).toBeCloseTo(numberOf(neuronKernel(4), 0.7, g, s), 13);
  });
});

describe('parallelNeuronKernel', () => {
  it('is neuronKernel where u_1 = c·u_0, for a smooth φ', () => {
    const c = -0.7;
    const u = [0.4, c * 0.4, -0.8, 1.1];
    // φ = sin: derivatives of any order; φ(u)φ(cu) and φ'(u)φ'(cu) by sums of sines.
    const sine = (x: number, p: number) => Math.sin(x + (p * Math.PI) / 2);
    const cosines = (x: number, p: number, k: number) => k ** p * Math.cos(k * x + (p * Math.PI) / 2);
    const fns = {
      phi: sine,
      square: (x: number, p: number) => (cosines(x, p, 1 - c) - cosines(x, p, 1 + c)) / 2,
      slopeSquare: (x: number, p: number) => (cosines(x, p, 1 - c) + cosines(x, p, 1 + c)) / 2,
    };
    const x = [0, 1, 2].map((i) => [0.3, -0.5 + i, 0.9 * i - 0.4]);
    const rows = [x[0]!, x[0]!.map((v) => c * v), x[1]!, x[2]!];
    const g = (i: number, j: number) => rows[i]!.reduce((sum, v, d) => sum + v * rows[j]![d]!, 0);
    const value = (terms: readonly NeuronTerm[]) =>
      terms.reduce(
        (sum, t) =>
          sum +
          t.grams.reduce((p, [i, j]) => p * g(i, j), t.coefficient * 0.6 ** t.power) *
            t.factors.reduce((p, f) => p * fns[f.fn](u[f.at]!, f.order), 1),
        0,
      );
    expect(value(parallelNeuronKernel(4))).toBeCloseTo(value(neuronKernel(4)), 13);
  });
});

describe('gaussianMoment', () => {
  it('is (k − 1)!! std^k, zero for odd k', () => {
    expect([0, 1, 2, 3, 4, 6].map((k) => gaussianMoment(k, 1))).toEqual([1, 0, 1, 0, 3, 15]);
    expect(gaussianMoment(4, 2)).toBe(48);
  });
});
