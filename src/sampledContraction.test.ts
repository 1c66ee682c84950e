import { describe, expect, it } from 'vitest';
import { expectedContraction } from './expectedContraction.ts';
import type { LayerInput } from './ir/arch/index.ts';
import { dense, elementwise, erf, gelu, leakyRelu, network, relu } from './ops/vocabulary.ts';
import { normals } from './runtime/empirical/random.ts';
import { type SampledContractionOptions, sampledContraction } from './sampledContraction.ts';

const [n, d] = [8, 5];
const drawn = normals(n * d, 1, 3);
const x = Array.from({ length: n }, (_, i) => [...drawn.slice(i * d, (i + 1) * d)]);
const weights = normals(n * n, 1, 4);
const twoLayer = (layer: LayerInput) =>
  network({ input: { shape: [d] }, layers: [dense({ bStd: 0.3 }), layer, dense({ wStd: 1.2 })] });

const cases: readonly [string, LayerInput, SampledContractionOptions][] = [
  ['erf', erf(), {}],
  ['gelu', gelu(), {}],
  ['a polynomial', elementwise('x^2-0.5*x'), {}],
  ['ReLU, smoothed', relu(), { smoothing: 0.4 }],
  ['leaky ReLU, smoothed', leakyRelu({ slope: 0.2 }), { smoothing: 0.4 }],
];

describe('sampledContraction', () => {
  for (const [name, layer, options] of cases)
    it(`has the exact expectation within its standard errors for ${name}`, async () => {
      const net = twoLayer(layer);
      const { values } = await expectedContraction(net, x, weights, options);
      const { mean, standardError } = await sampledContraction(net, x, weights, {
        ...options,
        neurons: 10_000,
        seed: 5,
      });
      const z = [...values].map((v, k) => (mean[k]! - v) / standardError[k]!);
      // 36 entries, Student's t of 49 degrees of freedom: a false alarm in 3000 seeds, and the seed is fixed.
      expect(z.length).toBe(n * n);
      expect(Math.max(...z.map(Math.abs))).toBeLessThan(5);
      expect(Math.hypot(...z) / n).toBeGreaterThan(0.1);
    });

  it('has standard errors of the size by which seeds differ', async () => {
    const seeds = Array.from({ length: 24 }, (_, seed) => seed);
    const net = twoLayer(erf());
    const runs = await Promise.all(seeds.map((seed) => sampledContraction(net, x, weights, { neurons: 200, seed })));
    const ratios = [...weights].map((_, k) => {
      const mean = runs.reduce((sum, run) => sum + run.mean[k]!, 0) / runs.length;
      const spread = runs.reduce((sum, run) => sum + (run.mean[k]! - mean) ** 2, 0) / (runs.length - 1);
      return spread / (runs.reduce((sum, run) => sum + run.standardError[k]! ** 2, 0) / runs.length);
    });
    const ratio = ratios.reduce((a, b) => a + b) / ratios.length;
    // A variance from 24 seeds is off by √(2/23), 0.3.
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(2);
  });

  it('is the same for any number of threads, and another for another seed', async () => {
    const run = (options: SampledContractionOptions) => sampledContraction(twoLayer(erf()), x, weights, options);
    const [one, two] = [await run({ neurons: 16_000, threads: 1 }), await run({ neurons: 16_000, threads: 2 })];
    expect(two).toEqual(one);
    expect(one.neurons).toBeGreaterThanOrEqual(16_000);
    const [first, other] = [await run({ neurons: 50 }), await run({ neurons: 50, seed: 1 })];
    expect(other.mean).not.toEqual(first.mean);
  });

  const refusals: readonly [string, LayerInput, SampledContractionOptions, RegExp][] = [
    ['a kink', relu(), {}, /second derivative is no function.*smooth the activation/],
    ['one neuron', erf(), { neurons: 1 }, /1 neurons.*2 or more/],
    ['a seed that is not whole', erf(), { seed: 0.5 }, /seed is 0.5/],
    ['smoothing of a smooth activation', erf(), { smoothing: 1 }, /has none/],
    ['moments that overflow', elementwise('exp(500*x)'), {}, /overflows.*inputs 0 and/],
  ];
  for (const [name, layer, options, message] of refusals)
    it(`refuses ${name}`, async () => {
      await expect(sampledContraction(twoLayer(layer), x, weights, options)).rejects.toThrow(message);
    });
});
