import { describe, expect, it, vi } from 'vitest';
import { NtkcError } from '../../errors.ts';
import type { Moments } from './moments.ts';
import { type MonteCarloOptions, monteCarlo } from './monteCarlo.ts';
import { mlp } from './programs.fixture.ts';
import { normals } from './random.ts';

const N = 3;
const D = 4;
const x = normals(N * D, 1, 11);
const pairs = (f: (i: number, j: number) => number) =>
  Array.from({ length: N * N }, (_, k) => f(Math.floor(k / N), k % N));
const inner = pairs((i, j) => {
  const row = (r: number) => [...x.subarray(r * D, (r + 1) * D)];
  return row(i).reduce((sum, value, c) => sum + value * row(j)[c]!, 0) / D;
});

const [wStd, bStd, outputs] = [1.2, 0.5, 8];
const base = {
  width: 16,
  samples: 1500,
  seed: 1,
  x,
  n: N,
  quantities: ['nngp', 'ntk', 'wntk', 'layers'],
} as const satisfies Partial<MonteCarloOptions>;

const zScores = ({ mean, standardError }: Moments, expected: readonly number[]) =>
  expected.map((value, k) => (mean[k]! - value) / standardError[k]!);
const worst = (moments: Moments | undefined, expected: readonly number[]) =>
  Math.max(...zScores(moments!, expected).map(Math.abs));

/**
 * At a right expectation the largest of nine z-scores is above 4.5 with probability below 1e-4; the seed is fixed, so
 * these tests do not fail by chance.
 */
const LIMIT = 4.5;

describe('a linear network, whose expected kernels are exact at every width', () => {
  const dense = (k: readonly number[]) => k.map((value) => wStd ** 2 * value + bStd ** 2);
  const times = (k: readonly number[], factor: number) => k.map((value) => value * factor);
  const [k1, k2, k3] = [dense(inner), dense(dense(inner)), dense(dense(dense(inner)))];
  // Θ_l = K_l · wStd^(2 (layers after l))
  const layers = [times(k1, wStd ** 4), times(k2, wStd ** 2), k3];
  const sum = (weights: readonly number[]) =>
    k1.map((_, k) => weights.reduce((total, w, l) => total + w * layers[l]![k]!, 0));
  const result = monteCarlo({
    ...base,
    programForWidth: (width) => mlp({ widths: [D, width, width, outputs], phi: 'x', wStd, bStd }),
    layerWeights: [3, 1, 0.5],
  });

  it('has the right means, within its standard errors', async () => {
    const { nngp, ntk, wntk, layers: parts, samples } = await result;
    expect(samples).toBe(1500);
    expect(worst(nngp, k3)).toBeLessThan(LIMIT);
    expect(worst(ntk, sum([1, 1, 1]))).toBeLessThan(LIMIT);
    expect(worst(wntk, sum([3, 1, 0.5]))).toBeLessThan(LIMIT);
    expect(parts).toHaveLength(3);
    for (const [l, part] of parts!.entries()) expect(worst(part, layers[l]!)).toBeLessThan(LIMIT);
  });

  it('tells wrong expectations from right ones', async () => {
    const { ntk, wntk } = await result;
    const withoutBias = times(inner, 3 * wStd ** 6);
    expect(worst(ntk, withoutBias)).toBeGreaterThan(3 * LIMIT);
    expect(worst(wntk, sum([0.5, 1, 3]))).toBeGreaterThan(3 * LIMIT);
  });
});

describe('one hidden layer of ReLU, also exact at every width', () => {
  it('has the right means', async () => {
    const theta = (k: number) => {
      const [i, j] = [Math.floor(k / N), k % N];
      const cos = inner[k]! / Math.sqrt(inner[i * N + i]! * inner[j * N + j]!);
      return i === j ? 0 : Math.acos(cos);
    };
    const norm = (k: number) => Math.sqrt(inner[Math.floor(k / N) * (N + 1)]! * inner[(k % N) * (N + 1)]!);
    const kappa = inner.map((value, k) => (norm(k) * Math.sin(theta(k)) + (Math.PI - theta(k)) * value) / 2 / Math.PI);
    const first = inner.map((value, k) => (value * (Math.PI - theta(k))) / 2 / Math.PI);
    const { nngp, layers } = await monteCarlo({
      ...base,
      quantities: ['nngp', 'layers'],
      programForWidth: (width) => mlp({ widths: [D, width, outputs], phi: 'max(x, 0)' }),
    });
    expect(worst(nngp, kappa)).toBeLessThan(LIMIT);
    expect(worst(layers![1], kappa)).toBeLessThan(LIMIT);
    expect(worst(layers![0], first)).toBeLessThan(LIMIT);
    // A factor 2 missing in κ̇ must show.
    expect(
      worst(
        layers![0],
        first.map((value) => 2 * value),
      ),
    ).toBeGreaterThan(3 * LIMIT);
  });
});

const small = { ...base, programForWidth: (width: number) => mlp({ widths: [D, width, 2], phi: 'sin(x)' }) };

describe('standard errors', () => {
  it('are what the means scatter by', async () => {
    const runs = await Promise.all(
      Array.from({ length: 100 }, (_, seed) => monteCarlo({ ...small, samples: 40, seed, quantities: ['ntk'] })),
    );
    const means = runs.map(({ ntk }) => ntk!.mean[1]!);
    const centre = means.reduce((sum, mean) => sum + mean, 0) / means.length;
    const scatter = Math.sqrt(means.reduce((sum, mean) => sum + (mean - centre) ** 2, 0) / (means.length - 1));
    const claimed = Math.sqrt(runs.reduce((sum, { ntk }) => sum + ntk!.standardError[1]! ** 2, 0) / runs.length);
    // The ratio of two such estimates errs by about 1/√(2·100) = 7 %: four of them.
    expect(Math.abs(scatter / claimed - 1)).toBeLessThan(0.28);
  });
});

describe('monteCarlo', () => {
  it('is a function of seed and width, and gives only what was asked for', async () => {
    const ask = { ...small, samples: 3, quantities: ['nngp'] } as const;
    expect(await monteCarlo(ask)).toEqual(await monteCarlo(ask));
    expect(await monteCarlo(ask)).not.toEqual(await monteCarlo({ ...ask, seed: 2 }));
    expect(Object.keys(await monteCarlo(ask)).sort()).toEqual(['nngp', 'samples']);
  });

  it('reports each sample, and lets timers run in between', async () => {
    const seen: string[] = [];
    // It must yield after sixteen milliseconds; by this clock so much passes from one look at it to the next.
    let milliseconds = 0;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (milliseconds += 17));
    const timer = setInterval(() => seen.push('timer'), 1);
    const onSample = (done: number, of: number) => seen.push(`${done}/${of}`);
    await monteCarlo({ ...small, samples: 3, quantities: ['ntk'], onSample });
    clearInterval(timer);
    clock.mockRestore();
    // How often the timer ticks is the machine's: at least once after each sample, and seldom more.
    const withoutRepeats = seen.filter((entry, k) => entry !== 'timer' || seen[k - 1] !== 'timer');
    expect(withoutRepeats).toEqual(['1/3', 'timer', '2/3', 'timer', '3/3', 'timer']);
  });

  it('stops when aborted', async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const onSample = (done: number) => {
      seen.push(done);
      if (done === 2) controller.abort(new Error('stop'));
    };
    const run = monteCarlo({ ...small, layerWeights: [1, 1], onSample, signal: controller.signal });
    await expect(run).rejects.toThrow('stop');
    expect(seen).toEqual([1, 2]);
  });

  it.each<[string, Partial<MonteCarloOptions>, RegExp]>([
    ['one sample', { samples: 1 }, /1 samples give no standard error/],
    ['no layer weights', {}, /lacks its layer weights.*2 finite numbers/],
    ['too few of them', { layerWeights: [1] }, /2 finite numbers/],
    ['a seed that is no integer', { seed: 0.5, quantities: ['nngp'] }, /seed 0.5/],
    ['inputs of the wrong size', { n: 7, quantities: ['nngp'] }, /7 samples of 4 numbers/],
  ])('refuses %s', async (_, options, message) => {
    const run = monteCarlo({ ...small, ...options });
    await expect(run).rejects.toThrow(NtkcError);
    await expect(run).rejects.toThrow(message);
  });
});
