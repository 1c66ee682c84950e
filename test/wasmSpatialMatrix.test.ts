import { describe, expect, it } from 'vitest';
import { planSpatial } from '../src/codegen/plan/spatial/index.ts';
import { evaluateProgram, parseProgram } from '../src/ir/program/index.ts';
import { loadWasm } from '../src/runtime/backends/wasm.ts';
import { gram } from '../src/runtime/gram.ts';
import {
  conv,
  dense,
  flatten,
  inputs,
  mean,
  programOf,
  relu,
  stridesThatDisagree,
  worstErrors,
} from './support/spatialNetworks.ts';
import { holdNextMessage } from './support/threadFaults.ts';

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
    // The other thread would leave no tile where this one is slow: it gets the job once this one has done a tile.
    const send = holdNextMessage();
    const onProgress = () => {
      send();
      stop.abort();
    };
    const run = gram(kernel, { data, n: 60 }, undefined, { signal: stop.signal, onProgress });
    await expect(run).rejects.toThrow('abort');
    expect((await gram(kernel, { data, n: 60 })).every(Number.isFinite)).toBe(true);
  });

  it('black images: an angle between zeros is 0, as on the reference', async () => {
    // Without a bias the pixels of a black image have variance 0.
    const bare = programOf([4, 4, 1], [{ ...conv, bStd: 0 }, relu, { ...conv, bStd: 0 }, relu, flatten, dense]);
    const data = inputs(bare, 3);
    data.fill(0, 0, bare.features + 6);
    const rows = [0, 1, 2].map((i) => [...data.subarray(i * 16, (i + 1) * 16)]);
    const ours = await gram(loadWasm(bare), { data, n: 3 });
    for (const [i, j] of [
      [0, 0],
      [0, 1],
      [0, 2],
      [1, 2],
    ] as const) {
      const want = evaluateProgram(bare, rows[i] as number[], i === j ? undefined : rows[j]).get('ntk') as number;
      expect(ours[i * 3 + j]).toBeCloseTo(want, 12);
    }
    const huge = Float64Array.from(data, (v) => 1e160 * v);
    await expect(gram(loadWasm(bare), { data: huge, n: 3 })).rejects.toThrow('the kernel is NaN at samples 0 and 1');
  });

  it('leaves pairs that come out as NaN to the reference', async () => {
    // The lanes have no sine of a large argument.
    const sines = parseProgram(`program "sines" nngp features 2 positions 2
self q [2] = inner 1
pair s [2 diagonal] = inner 1
self qq [2] = map sin(1000000000000*q)
pair ss [2 diagonal] = map sin(1000000000000*s)
self m = reduce qq over diagonal scale 1
pair r = reduce ss over diagonal scale 1
output nngp = r diagonal m
`);
    const rows = [
      [0.5, 0.25],
      [0.125, 2],
    ];
    const [, between, , self] = await gram(loadWasm(sines), rows);
    expect(between).toBe(evaluateProgram(sines, rows[0] as number[], rows[1]).get('nngp'));
    expect(self).toBe(evaluateProgram(sines, rows[1] as number[]).get('nngp'));
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

  it('runs what has no plan on the reference kernel', async () => {
    const unplanned = programOf([5, 4, 2], stridesThatDisagree);
    expect(planSpatial(unplanned)).toBeUndefined();
    const kernel = loadWasm(unplanned);
    expect(kernel.target).toBe('wasm');
    expect((await worstErrors(unplanned, kernel)).pair).toBeLessThan(1e-8); // an angle of 0 is the root of a rounding error
  });

  it('rounds to float32 once', async () => {
    const data = inputs(program, 2);
    const [wide, narrow] = await Promise.all(
      (['float64', 'float32'] as const).map((dtype) => gram(loadWasm(program, { dtype }), { data, n: 2 })),
    );
    expect(narrow).toEqual(wide?.map(Math.fround));
  });

  it('leaves what float32 does not hold as it is', async () => {
    const data = inputs(program, 2).map((v) => 1e25 * v);
    const [wide, narrow] = await Promise.all(
      (['float64', 'float32'] as const).map((dtype) => gram(loadWasm(program, { dtype }), { data, n: 2 })),
    );
    expect(narrow).toEqual(wide);
  });
});
