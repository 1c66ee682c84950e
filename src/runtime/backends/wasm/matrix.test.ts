import { Worker } from 'node:worker_threads';
import { describe, expect, it, vi } from 'vitest';
import { compile } from '../../../compile.ts';
import { dense, elementwise, erf, network, relu } from '../../../ops/vocabulary.ts';
import { type Block, gram, gramTo } from '../../gram.ts';
import type { Job } from './job.ts';
import { sendJob } from './pool.ts';

const net = network({
  input: { shape: [3] },
  layers: [dense({ wStd: 1.4, bStd: 0.1 }), relu(), dense(), erf(), dense()],
});
const inputs = (n: number, seed: number) => ({
  n,
  data: Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(seed + i * i)),
});
/** Uneven, and enough entries for four threads. */
const [x, y] = [inputs(931, 1), inputs(517, 2)];

describe('a whole matrix', () => {
  it('has the same bytes on any number of threads, and tile by tile', async () => {
    const kernels = await Promise.all([1, 2, 4].map((threads) => compile(net, { target: 'wasm', threads })));
    for (const other of [undefined, y]) {
      const [one, ...more] = await Promise.all(kernels.map((kernel) => gram(kernel, x, other)));
      for (const k of more) expect(Buffer.compare(bytesOf(k), bytesOf(one as Float64Array))).toBe(0);
      const tiled = await gram(kernels[0] as (typeof kernels)[0], x, other, { tileRows: 100 });
      expect(Buffer.compare(bytesOf(tiled), bytesOf(one as Float64Array))).toBe(0);
    }
  });

  it('in bands of a few rows, each entry once', async () => {
    const kernel = await compile(net, { target: 'wasm', threads: 2 });
    for (const other of [undefined, y]) {
      const m = (other ?? x).n;
      const [got, seen] = [new Float64Array(x.n * m), new Uint8Array(x.n * m)];
      const write = ({ rows: [i0, i1], columns: [j0, j1], data }: Block) => {
        for (let i = i0; i < i1; i++)
          for (let j = j0; j < j1; j++) {
            got[i * m + j] = data[(i - i0) * (j1 - j0) + (j - j0)] as number;
            seen[i * m + j] = (seen[i * m + j] as number) + 1;
          }
      };
      await gramTo({ write }, kernel, x, other, { memoryLimitBytes: 3e6 });
      expect(seen.every((times) => times === 1)).toBe(true);
      expect(Buffer.compare(bytesOf(got), bytesOf(await gram(kernel, x, other)))).toBe(0);
    }
    await expect(gramTo({ write: () => {} }, kernel, x, y, { memoryLimitBytes: 100 })).rejects.toThrow('holds no tile');
  });

  it('block by block of rows and columns', async () => {
    const kernel = await compile(net, { target: 'wasm', threads: 2 });
    const a = await kernel.prepare(x);
    const symmetric = true;
    const whole = await gram(kernel, x);
    const wants = [
      { rows: [0, 500], columns: [0, 700] },
      { rows: [500, 931], columns: [500, 931] },
      { rows: [100, 400], columns: [401, 907] },
    ] as const;
    for (const { rows, columns } of wants) {
      const got = await kernel.matrix?.({ a, b: a, symmetric, rows, columns, output: 0 });
      const rowsOfWhole = Array.from({ length: rows[1] - rows[0] }, (_, i) => (rows[0] + i) * x.n);
      expect(got).toEqual(
        Float64Array.from(rowsOfWhole.flatMap((at) => [...whole.subarray(at + columns[0], at + columns[1])])),
      );
    }
  });

  it('of more kernels than a thread keeps loaded, in turn', async () => {
    const kernels = await Promise.all(Array.from({ length: 6 }, () => compile(net, { target: 'wasm', threads: 2 })));
    const first = bytesOf(await gram(kernels[0] as (typeof kernels)[0], x));
    for (const kernel of [...kernels, ...kernels])
      expect(Buffer.compare(bytesOf(await gram(kernel, x)), first)).toBe(0);
  });

  it('is symmetric to the last bit', async () => {
    const { n } = x;
    const k = await gram(await compile(net, { target: 'wasm' }), x);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < i; j++) if (k[i * n + j] !== k[j * n + i]) expect([i, j]).toEqual([]);
  });

  it('of one or two samples', async () => {
    const [wasm, reference] = [await compile(net, { target: 'wasm' }), await compile(net, { target: 'reference' })];
    for (const n of [1, 2]) {
      const got = await gram(wasm, inputs(n, 3));
      (await gram(reference, inputs(n, 3))).forEach((v, i) => void expect(got[i]).toBeCloseTo(v, 13));
    }
  });

  it('holds what the reference computes where the tile cannot', async () => {
    const kinked = network({ input: { shape: [3] }, layers: [dense(), elementwise('min(max(x, -1), 1)'), dense()] });
    const near = {
      n: 12,
      data: Float64Array.from({ length: 36 }, (_, i) => Math.sin(1 + (i % 3)) + 1e-3 * Math.sin(i)),
    };
    const [wasm, reference] = [
      await compile(kinked, { target: 'wasm' }),
      await compile(kinked, { target: 'reference' }),
    ];
    const got = await gram(wasm, near);
    (await gram(reference, near)).forEach((v, i) => void expect(Math.abs((got[i] as number) - v)).toBeLessThan(1e-10));
  });

  it('names the samples where a value overflows, above the diagonal and on it', async () => {
    const kernel = await compile(net, { target: 'wasm' });
    await expect(
      gram(kernel, [
        [1, 0, 0],
        [1e200, 0, 0],
      ]),
    ).rejects.toThrow(/samples \d and 1/);
    await expect(gram(kernel, [[1e200, 0, 0]])).rejects.toThrow('samples 0 and 0');
  });

  it('refuses an output that is not there', async () => {
    await expect(gram(await compile(net, { target: 'wasm' }), x, y, { output: 1 })).rejects.toThrow('no output 1');
  });

  it('reports progress, and stops when asked to', async () => {
    const kernel = await compile(net, { target: 'wasm', threads: 2 });
    const reports: number[] = [];
    await gram(kernel, x, undefined, { onProgress: (done, all) => reports.push(done / all) });
    expect([...reports].sort((a, b) => a - b)).toEqual(reports);
    const controller = new AbortController();
    // The other thread gets the job when this one has done a tile: it would leave none where this one is slow.
    let send = () => {};
    const spy = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: Worker, message) {
      spy.mockRestore();
      send = () => this.postMessage(message);
    });
    const onProgress = () => {
      send();
      controller.abort(new Error('stop'));
    };
    await expect(gram(kernel, x, undefined, { onProgress, signal: controller.signal })).rejects.toThrow('stop');
    // The threads are free again.
    expect((await gram(kernel, x)).length).toBe(x.n ** 2);
  });
});

describe('a thread that fails', () => {
  it('fails the job with its reason, and is fit for the next', async () => {
    const shape = {
      elementBytes: 8,
      depth: 4,
      rowWidth: 0,
      columnWidth: 0,
      outputs: 1,
      heapOffset: 0,
      rowGroup: 4,
      columnChunk: 8,
    };
    const module = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    for (let i = 0; i < 3; i++)
      await expect(sendJob({ id: -1, module, shape }, {} as Job, 1)[0]).rejects.toThrow('a worker thread failed');
    expect((await gram(await compile(net, { target: 'wasm', threads: 2 }), x)).length).toBe(x.n ** 2);
  });
});

const bytesOf = (k: Float64Array) => new Uint8Array(k.buffer, k.byteOffset, k.byteLength);
