import { describe, expect, it } from 'vitest';
import { compile } from './compile.ts';
import { network, relu } from './ops/vocabulary.ts';
import { gram } from './runtime/gram.ts';
import { sampledKernel } from './sampledKernel.ts';

const layers = [{ op: 'conv', kernel: [2], wStd: 1.4, bStd: 0.1 }, relu(), { op: 'globalAvgPool' }, { op: 'dense' }];
const net = network({ input: { shape: [3, 2] }, layers });
const inputs = (n: number, seed: number) => ({
  n,
  data: Float64Array.from({ length: 6 * n }, (_, i) => Math.sin(seed + i * i)),
});

describe('sampledKernel', () => {
  it.each(['nngp', 'ntk'] as const)('of a network with a kernel is near it: %s', async (kernel) => {
    const [x1, x2] = [inputs(2, 1), inputs(3, 2)];
    const exact = await gram(await compile(net, { kernel, target: 'reference' }), x1, x2);
    const { mean, standardError } = await sampledKernel(net, x1, x2, { kernel, width: 128, samples: 60 });
    expect(mean).toHaveLength(6);
    mean.forEach((v, i) => {
      // 5 standard errors, and a bias of order 1/width.
      const scale = Math.max(...exact.map(Math.abs));
      expect(Math.abs(v - (exact[i] as number))).toBeLessThan(5 * (standardError[i] as number) + (2 * scale) / 128);
      expect(standardError[i]).toBeGreaterThan(0);
    });
  });

  it('is the same for the same seed, and symmetric without x2', async () => {
    const run = (seed: number) => sampledKernel(net, inputs(3, 1), undefined, { width: 8, samples: 4, seed });
    const [{ mean }, same, other] = [await run(1), await run(1), await run(2)];
    expect(same.mean).toEqual(mean);
    expect(other.mean).not.toEqual(mean);
    expect(mean[1]).toBe(mean[3]);
  });

  it('of max pooling over windows of one position is that without', async () => {
    const withPool = (window: number) =>
      network({
        input: { shape: [3, 2] },
        layers: [{ op: 'conv', kernel: [2] }, { op: 'maxPool', window: [window] }, { op: 'flatten' }, { op: 'dense' }],
      });
    const plain = network({
      input: { shape: [3, 2] },
      layers: [{ op: 'conv', kernel: [2] }, { op: 'flatten' }, { op: 'dense' }],
    });
    const options = { kernel: 'nngp', width: 16, samples: 5 } as const;
    const run = async (n: typeof net) => (await sampledKernel(n, inputs(1, 1), undefined, options)).mean[0] as number;
    expect(await run(withPool(1))).toBeCloseTo(await run(plain), 12);
  });

  it('says what is wrong with its options', async () => {
    const run = (options: object) => sampledKernel(net, inputs(2, 1), undefined, options);
    await expect(run({ samples: 1 })).rejects.toThrow(/1 samples give no standard error/);
    await expect(run({ width: 0.5 })).rejects.toThrow(/a width of 0.5/);
    await expect(sampledKernel(net, { data: new Float64Array(5), n: 1 })).rejects.toThrow(/5 numbers a sample.*6/);
    const stop = AbortSignal.abort(new Error('stopped'));
    await expect(run({ signal: stop })).rejects.toThrow('stopped');
  });
});
