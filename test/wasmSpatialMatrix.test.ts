import { describe, expect, it } from 'vitest';
import { planSpatial } from '../src/codegen/plan/spatial/index.ts';
import { evaluateProgram } from '../src/ir/program/index.ts';
import { loadWasm } from '../src/runtime/backends/wasm.ts';
import { gram } from '../src/runtime/gram.ts';
import { conv, dense, flatten, inputs, mean, programOf, relu, worstErrors } from './support/spatialNetworks.ts';

describe('a Gram matrix of a spatial kernel', () => {
  const program = programOf([8, 9, 2], [conv, relu, conv, relu, flatten, dense]);
  const pooled = programOf([6, 7, 2], [conv, relu, conv, relu, mean, dense]);

  it.each([
    ['flattened', program, 60],
    ['pooled', pooled, 12],
  ] as const)('%s: the same bytes on one thread and on three', async (_, p, n) => {
    const data = inputs(p, n);
    const one = await gram(loadWasm(p, { threads: 1 }), { data, n });
    const three = await gram(loadWasm(p, { threads: 3 }), { data, n });
    expect([...three]).toEqual([...one]);
    expect(one[1]).toBe(one[n]);
    const progress: number[] = [];
    const kernel = loadWasm(p, { threads: 2 });
    const [first, rest] = [data.subarray(0, 2 * p.features), data];
    const rows = await gram(
      kernel,
      { data: first, n: 2 },
      { data: rest, n },
      { onProgress: (done) => progress.push(done) },
    );
    expect(rows.subarray(1, n)).toEqual(one.subarray(1, n));
    expect(progress.at(-1)).toBe(2 * n);
  });

  it('stops when asked to, and works again', async () => {
    const kernel = loadWasm(program, { threads: 2 });
    const data = inputs(program, 60);
    const stop = new AbortController();
    const run = gram(kernel, { data, n: 60 }, undefined, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(run).rejects.toThrow('abort');
    expect((await gram(kernel, { data, n: 60 })).every(Number.isFinite)).toBe(true);
  });

  it('leaves pairs that come out as NaN to the reference, and refuses infinities', async () => {
    // Without a bias the pixels of a black image have variance 0.
    const bare = programOf([4, 4, 1], [{ ...conv, bStd: 0 }, relu, { ...conv, bStd: 0 }, relu, flatten, dense]);
    const data = inputs(bare, 3);
    data.fill(0, 0, bare.features);
    const rows = [0, 1, 2].map((i) => [...data.subarray(i * 16, (i + 1) * 16)]);
    const ours = await gram(loadWasm(bare), { data, n: 3 });
    for (const [i, j] of [
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const)
      expect(ours[i * 3 + j]).toBeCloseTo(evaluateProgram(bare, rows[i] as number[], rows[j]).get('ntk') as number, 12);
    const huge = Float64Array.from(data, (v) => 1e160 * v);
    await expect(gram(loadWasm(bare), { data: huge, n: 3 })).rejects.toThrow('at samples 0 and 1');
  });

  it('forgets samples when their records are full', async () => {
    const wide = programOf([64, 64, 3], [conv, relu, flatten, dense]);
    const n = 60; // records of 100 KB or more
    const data = inputs(wide, n);
    const kernel = loadWasm(wide, { threads: 1 });
    const prepared = await kernel.prepare({ data, n });
    const last = { a: prepared, b: prepared, aRows: [0, 1], bRows: [1, 2], symmetric: false } as const;
    const [before] = await kernel.tile(last);
    await kernel.tile({ ...last, bRows: [0, n] });
    expect((await kernel.tile(last))[0]).toEqual(before);
  });

  it('runs what has no passes yet on the reference kernel', async () => {
    const tanh = programOf([3, 3, 2], [conv, { op: 'elementwise', expr: 'tanh(x)' }, flatten, dense]);
    expect(planSpatial(tanh)).toBeUndefined();
    const kernel = loadWasm(tanh);
    expect(kernel.target).toBe('wasm');
    expect((await worstErrors(tanh, kernel)).pair).toBeLessThan(1e-8); // the tolerance of the series
  });

  it('rounds to float32 once', async () => {
    const data = inputs(program, 2);
    const [wide, narrow] = await Promise.all(
      (['float64', 'float32'] as const).map((dtype) => gram(loadWasm(program, { dtype }), { data, n: 2 })),
    );
    expect(narrow).toEqual(wide?.map(Math.fround));
  });
});
