import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { dense, network, relu } from '../ops/vocabulary.ts';
import { type Block, gram, gramTo } from './gram.ts';
import type { CompiledKernel } from './kernel.ts';

const net = network({ input: { shape: [4] }, layers: [dense({ wStd: 1.4, bStd: 0.1 }), relu(), dense()] });
const rows = (n: number, seed: number) => ({
  n,
  data: Float64Array.from({ length: 4 * n }, (_, i) => Math.sin(seed + 1.7 * i)),
});

describe('tiles', () => {
  it.each([1, 3, 7, 16, 100])('of %i rows give the same matrix to the last bit', async (tileRows) => {
    const kernel = await compile(net, { target: 'reference' });
    const [a, b] = [rows(17, 1), rows(11, 2)];
    expect(await gram(kernel, a, undefined, { tileRows })).toEqual(await gram(kernel, a));
    expect(await gram(kernel, a, b, { tileRows })).toEqual(await gram(kernel, a, b));
  });

  it('each entry is written once, each symmetric tile computed once', async () => {
    const kernel = await compile(net, { target: 'reference' });
    let computed = 0;
    const counting: CompiledKernel = {
      ...kernel,
      tile: (t) => {
        computed++;
        return kernel.tile(t);
      },
    };
    const seen = new Int32Array(17 * 17);
    const write = ({ rows: [i0, i1], columns: [j0, j1] }: Block) => {
      for (let i = i0; i < i1; i++) for (let j = j0; j < j1; j++) seen[i * 17 + j] = (seen[i * 17 + j] as number) + 1;
    };
    await gramTo({ write }, counting, rows(17, 1), undefined, { tileRows: 5 });
    expect(seen.every((v) => v === 1)).toBe(true);
    expect(computed).toBe((4 * 5) / 2);
  });

  it('progress reaches the number of entries', async () => {
    const reports: number[] = [];
    await gram(await compile(net, { target: 'reference' }), rows(9, 1), undefined, {
      tileRows: 4,
      onProgress: (done, all) => reports.push(done / all),
    });
    expect(reports.at(-1)).toBe(1);
    expect([...reports].sort((a, b) => a - b)).toEqual(reports);
  });

  it('stop when asked to', async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('stop'));
    await expect(
      gram(await compile(net, { target: 'reference' }), rows(9, 1), undefined, {
        tileRows: 2,
        onProgress,
        signal: controller.signal,
      }),
    ).rejects.toThrow('stop');
  });
});

describe('layer weights', () => {
  it.each(['reference', 'tfjs'] as const)(
    'are set on a compiled kernel without compiling again (%s)',
    async (target) => {
      const x = rows(5, 1);
      const kernel = await compile(net, { kernel: 'wntk', target });
      const [one, two, both] = [
        [1, 0],
        [0, 1],
        [2, 3],
      ].map((w) => kernel.withLayerWeights(w)) as [CompiledKernel, CompiledKernel, CompiledKernel];
      const [a, b, c] = [await gram(one, x), await gram(two, x), await gram(both, x)];
      c.forEach(
        (v, i) => void expect(v).toBeCloseTo(2 * (a[i] as number) + 3 * (b[i] as number), target === 'tfjs' ? 5 : 12),
      );
      expect(() => kernel.withLayerWeights([1])).toThrow('layer weights');
      expect(kernel.layerWeights).toEqual([1, 1]);
    },
  );
});

describe('what cannot be right is refused', () => {
  it.each([
    [[[1, 2, 3]], /3 features.*4/],
    [[[1, 2, 3, Number.NaN]], /x1 holds NaN.*x1\[0\]\[3\]/],
    [
      [
        [1, 2, 3, 4],
        [1, 2, 3, Number.POSITIVE_INFINITY],
      ],
      /x1\[1\]\[3\]/,
    ],
    [
      [
        [1, 2, 3, 4],
        [1, 2],
      ],
      /row 1 has 2 numbers/,
    ],
    [[], /no samples/],
  ])('%j', async (x, pattern) => {
    await expect(gram(await compile(net), x)).rejects.toThrow(pattern);
  });

  it.each([
    [Float64Array.of(1, 2, 3, 4), /x1 is a flat array. Expected a list of rows, or \{ data, n \}/],
    [undefined, /x1 is missing/],
    [{ data: Float64Array.of(1, 2, 3, 4) }, /x1 is no inputs/],
    [7, /x1 is no inputs/],
  ])('inputs that no type lets through: %j', async (x, pattern) => {
    await expect(gram(await compile(net), x as unknown as readonly number[][])).rejects.toThrow(pattern);
  });

  it('a kernel that there is not', async () => {
    await expect(compile(net, { kernel: 'nkt' as 'ntk' })).rejects.toThrow(
      'unknown kernel "nkt". Expected one of nngp, ntk, wntk, layerwise.',
    );
  });

  it('layer weights that do not fit', async () => {
    await expect(compile(net, { kernel: 'wntk', layerWeights: [1] })).rejects.toThrow(
      /1 layer weights for a kernel with 2.*layers\[0\] and layers\[2\]/,
    );
    await expect(compile(net, { kernel: 'wntk', layerWeights: [1, Number.NaN] })).rejects.toThrow(/NaN/);
    await expect(compile(net, { layerWeights: [1, 1] })).rejects.toThrow('only the weighted NTK');
  });

  it('a NaN made inside a kernel names the samples', async () => {
    const kernel = await compile(net, { target: 'reference' });
    const broken: CompiledKernel = { ...kernel, tile: () => [Float64Array.of(1, 2, Number.NaN, 4)] };
    await expect(gram(broken, rows(2, 1), rows(2, 3))).rejects.toThrow(/NaN at samples 1 and 0/);
  });
});
