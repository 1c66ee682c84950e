/** Kernels over all pairs of positions: what they need, and what is said where it is too much. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { compile } from '../compile.ts';
import { gram, gramZarr, type LayerInput, NtkcError, network } from '../index.ts';
import { loadArray } from './io/index.ts';
import { requireMemory } from './memory.ts';

const MB = 2 ** 20;
const block: readonly LayerInput[] = [{ op: 'conv', kernel: [3, 3] }, { op: 'relu' }];
const kernelOf = (size: number, layers: readonly LayerInput[]) =>
  compile(network({ input: { shape: [size, size, 3] }, layers: [...layers, { op: 'dense' }] }), {
    target: 'reference',
  });
const pooled = (size: number, depth: number) =>
  kernelOf(size, [...new Array<typeof block>(depth).fill(block).flat(), { op: 'globalAvgPool' }]);

describe('memory of a pooled network', () => {
  it('is three arrays of a pair and of a sample, however many layers', async () => {
    for (const depth of [2, 3, 12]) {
      const kernel = await pooled(16, depth);
      expect(kernel.workingBytes?.(0)).toBe(2 * 3 * 8 * 256 ** 2);
      // Of a sample its variances at each position: one array a layer, and a number for the diagonal.
      expect(kernel.workingBytes?.(7)).toBe(2 * 3 * 8 * 256 ** 2 + 7 * 8 * (256 * depth + 1));
    }
  });

  it('is n p, not n p², where the network ends in flatten', async () => {
    const kernel = await kernelOf(16, [...block, ...block, { op: 'flatten' }]);
    expect(kernel.workingBytes?.(0)).toBeLessThan(8 * 8 * 256);
  });
});

describe('too little memory', () => {
  it('is refused before anything is computed, with what would fit', async () => {
    const kernel = await pooled(32, 2);
    const x = { data: new Float64Array(2 * 3072).fill(1), n: 2 };
    await expect(gram(kernel, x, undefined, { memoryLimitBytes: 40 * MB })).rejects.toThrow(
      /needs 49 MB of memory: 48 MB for the positions of a pair.*at most 40 MB.*about 30 x 30 positions.*flatten/,
    );
    expect(requireMemory(kernel, 2, 64 * MB)).toBeGreaterThan(15 * MB);
    // What it says would fit does.
    expect((await pooled(30, 2)).workingBytes?.(2)).toBeLessThan(40 * MB);
  });

  it('for many samples names how many there is room for', async () => {
    const kernel = await pooled(32, 2);
    const samples = Math.floor((60 * MB - (kernel.workingBytes?.(0) ?? 0)) / (8 * 2049));
    expect(() => requireMemory(kernel, 5000, 60 * MB)).toThrow(`It holds ${samples} samples.`);
    expect(requireMemory(kernel, samples, 60 * MB)).toBeGreaterThanOrEqual(0);
  });

  it('says that formulas over positions keep their coefficients', async () => {
    const formula = { op: 'elementwise', expr: 'tanh(x)' } as const;
    const plain = await kernelOf(16, [...block, { op: 'flatten' }]);
    const kernel = await kernelOf(16, [...block.slice(0, 1), formula, { op: 'flatten' }]);
    expect(() => requireMemory(kernel, 1000, 9 * MB)).toThrow('to keep 1000 samples with coefficients of formulas');
    expect(() => requireMemory(plain, 10000, 9 * MB)).toThrow('to keep 10000 samples. Expected');
  });

  it('of the machine is refused too: 2 TB for 512 x 512 positions', async () => {
    const kernel = await pooled(512, 2);
    const failure = gram(kernel, { data: new Float64Array(512 * 512 * 3), n: 1 });
    await expect(failure).rejects.toThrow(NtkcError);
    await expect(failure).rejects.toThrow(/for the positions of a pair/);
  });
});

it('a kernel without positions has the whole limit', async () => {
  const kernel = await compile(network({ input: { shape: [3] }, layers: [{ op: 'dense' }] }), { target: 'reference' });
  expect(requireMemory(kernel, 1000, 12)).toBe(12);
});

describe('pairs that take long', () => {
  const x = { data: Float64Array.from({ length: 3 * 3072 }, (_, i) => Math.sin(i)), n: 3 };

  it('come one by one, so that progress is told and a signal heard', async () => {
    const kernel = await pooled(32, 2);
    expect(kernel.tileRows).toBe(1);
    const stop = new AbortController();
    const done: number[] = [];
    const onProgress = (entries: number) => {
      done.push(entries);
      if (entries >= 3) stop.abort(new Error('enough'));
    };
    await expect(gram(kernel, x, undefined, { onProgress, signal: stop.signal })).rejects.toThrow('enough');
    expect(done).toEqual([1, 3]);
  });

  it('let others in while their samples are prepared', async () => {
    const kernel = await pooled(32, 2);
    let [ticks, milliseconds] = [0, 0];
    // Others get in every 50 ms; by this clock so much passes from one look at it to the next.
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (milliseconds += 51));
    const timer = setInterval(() => ticks++, 1);
    await kernel.prepare(x);
    clearInterval(timer);
    clock.mockRestore();
    expect(ticks).toBeGreaterThanOrEqual(x.n);
  });

  it('are the same in a .zarr folder, whose tiles are larger', async () => {
    const kernel = await pooled(8, 2);
    const small = { data: x.data.subarray(0, 5 * 192), n: 5 };
    const folder = mkdtempSync(join(tmpdir(), 'ntkc-memory-'));
    try {
      await gramZarr(join(folder, 'k.zarr'), { ...kernel, tileRows: 2 }, small, undefined, { tileRows: 4 });
      const { data } = await loadArray(join(folder, 'k.zarr'));
      expect(data).toEqual(await gram(kernel, small));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
