import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { get, open } from 'zarrita';
import { compile } from '../compile.ts';
import { dense, elementwise, network, relu } from '../ops/vocabulary.ts';
import { gram } from './gram.ts';
import { gramZarr, type ZarrOptions } from './gramZarr.ts';
import type { CompiledKernel, Inputs } from './kernel.ts';

const net = network({ input: { shape: [3] }, layers: [dense({ wStd: 1.4, bStd: 0.1 }), relu(), dense()] });
const inputs = (n: number, seed: number): Inputs => ({
  n,
  data: Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(seed + i * i)),
});
const [x, y] = [inputs(29, 1), inputs(17, 2)];
const tileRows = 8;
const reference = { target: 'reference' } as const;

let folder = '';
let kernel: CompiledKernel;
let made = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'ntkc-zarr-'));
  kernel = await compile(net, reference);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const newPath = () => join(folder, `k${made++}.zarr`);

/** Every file of a folder, by its path from there. */
function filesOf(path: string): Readonly<Record<string, Buffer>> {
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.filter((n) => statSync(join(path, n)).isFile()).map((n) => [n, readFileSync(join(path, n))]),
  );
}
const hashOf = ({ buffer, byteOffset, byteLength }: Buffer | Float64Array): string =>
  createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
const bytesOf = (path: string): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(filesOf(path)).map(([name, data]) => [name, hashOf(data)]));

/** Read by zarrita, which shares no code with the writer of chunks. */
async function readBack(path: string) {
  const files = new Map(Object.entries(filesOf(path)).map(([key, data]) => [`/${key}`, data]));
  return get(await open.v3(files, { kind: 'array' }));
}

/** The kernel, with the tiles that it computes. */
function watched(): { readonly kernel: CompiledKernel; readonly tiles: (readonly [number, number])[] } {
  const tiles: (readonly [number, number])[] = [];
  const tile: CompiledKernel['tile'] = (t) => {
    tiles.push([t.aRows[0] / tileRows, t.bRows[0] / tileRows]);
    return kernel.tile(t);
  };
  return { kernel: { ...kernel, tile }, tiles };
}

describe('a matrix in a folder', () => {
  it.each(['float64', 'float32'] as const)('of %s holds what gram computes', async (dtype) => {
    for (const other of [undefined, y]) {
      const path = newPath();
      const seen: number[] = [];
      const onProgress = (done: number) => seen.push(done);
      const result = await gramZarr(path, kernel, x, other, { tileRows, dtype, onProgress });
      const columns = other?.n ?? x.n;
      expect(result).toEqual({ chunks: 4 * Math.ceil(columns / tileRows), kept: 0 });
      const exact = await gram(kernel, x, other);
      const back = await readBack(path);
      expect(back.shape).toEqual([x.n, columns]);
      expect(back.data).toEqual(dtype === 'float64' ? exact : new Float32Array(exact));
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect([seen[0], seen.at(-1)]).toEqual([0, exact.length]);
      expect(Object.keys(bytesOf(path)).filter((name) => name.includes('tmp'))).toEqual([]);
    }
  });

  it('smaller than a tile, of rows as lists', async () => {
    const path = newPath();
    const lists = ({ data, n }: Inputs) => Array.from({ length: n }, (_, i) => [...data.subarray(3 * i, 3 * i + 3)]);
    await gramZarr(path, kernel, lists(x), lists(y));
    expect((await readBack(path)).data).toEqual(await gram(kernel, x, y));
  });

  it('on all threads, in runs of tiles whatever is there already, with the same bytes', async () => {
    const tanh = network({ input: { shape: [3] }, layers: [dense({ wStd: 1.4 }), elementwise('tanh(x)'), dense()] });
    const wasm = await compile(tanh, { target: 'wasm', threads: 2 });
    const large = inputs(1600, 3); // 4 x 4 tiles of 512
    const path = newPath();
    await gramZarr(path, wasm, large, undefined);
    const whole = bytesOf(path);
    const tiled = await gram(wasm, large, undefined, { tileRows: 512 });
    expect(hashOf((await readBack(path)).data as Float64Array)).toBe(hashOf(tiled)); // no diff of millions
    for (const name of ['c/0/1', 'c/2/0', 'c/3/3', 'c/1/3']) rmSync(join(path, name));
    expect(await gramZarr(path, wasm, large, undefined)).toEqual({ chunks: 16, kept: 12 });
    expect(bytesOf(path)).toEqual(whole);
  });
});

describe('a run that goes on', () => {
  const damages: Readonly<Record<string, (file: string) => void>> = {
    deleted: (file) => rmSync(file),
    'one bit flipped': (file) => {
      const bytes = readFileSync(file);
      bytes[77] = (bytes[77] as number) ^ 4;
      writeFileSync(file, bytes);
    },
    'half written': (file) => writeFileSync(file, readFileSync(file).subarray(0, 200)),
    'as long, and empty': (file) => writeFileSync(file, new Uint8Array(readFileSync(file).length)),
    'too long': (file) => writeFileSync(file, Buffer.concat([readFileSync(file), Buffer.from('x')])),
  };

  it.each(Object.keys(damages))('repairs only a tile that was %s', async (damage) => {
    const path = newPath();
    await gramZarr(path, kernel, x, undefined, { tileRows });
    const whole = bytesOf(path);
    // Below the diagonal and at an edge: it comes from the tile above.
    damages[damage]?.(join(path, 'c/3/1'));
    const { kernel: counting, tiles } = watched();
    const checks: number[] = [];
    const onCheck = (checked: number) => checks.push(checked);
    expect(await gramZarr(path, counting, x, undefined, { tileRows, onCheck })).toEqual({ chunks: 16, kept: 15 });
    expect(tiles).toEqual([[1, 3]]);
    expect(checks.at(-1)).toBe(16);
    expect(bytesOf(path)).toEqual(whole);
  });

  it('computes nothing where all is there', async () => {
    const path = newPath();
    await gramZarr(path, kernel, x, y, { tileRows });
    const { kernel: counting, tiles } = watched();
    const seen: number[] = [];
    await gramZarr(path, counting, x, y, { tileRows, onProgress: (done) => seen.push(done) });
    expect([tiles, seen]).toEqual([[], [x.n * y.n]]);
  });

  it('ends with the bytes of an unbroken one, wherever it stopped and whatever was damaged', async () => {
    const unbroken = newPath();
    await gramZarr(unbroken, kernel, x, undefined, { tileRows });
    const whole = bytesOf(unbroken);
    const chunks = Object.keys(whole).filter((name) => name.startsWith('c/'));
    expect(chunks.length).toBe(16);
    const damage = fc.record({ chunk: fc.constantFrom(...chunks), how: fc.constantFrom(...Object.values(damages)) });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 12 }), { maxLength: 3 }), fc.array(damage), async (stops, harms) => {
        const path = newPath();
        for (const stop of stops) await stoppedAfter(stop, path);
        for (const { chunk, how } of harms) if (existsSync(join(path, chunk))) how(join(path, chunk));
        await gramZarr(path, kernel, x, undefined, { tileRows });
        expect(bytesOf(path)).toEqual(whole);
        rmSync(path, { recursive: true });
      }),
      { numRuns: 20 },
    );
  });

  /** A run that is stopped once it has computed so many tiles, or ends before. */
  async function stoppedAfter(tiles: number, path: string): Promise<void> {
    const controller = new AbortController();
    let left = tiles;
    const onProgress = () => {
      if (left-- === 0) controller.abort();
    };
    await gramZarr(path, kernel, x, undefined, { tileRows, onProgress, signal: controller.signal }).catch((error) => {
      expect(error.name).toBe('AbortError');
    });
  }
});

describe('another matrix in the folder is refused, and stays as it is', () => {
  const other = network({ input: { shape: [3] }, layers: [dense({ wStd: 1.5, bStd: 0.1 }), relu(), dense()] });
  const cases: [name: string, says: string, run: (path: string) => Promise<unknown>][] = [];
  const add = (...one: (typeof cases)[number]) => cases.push(one);
  let shared = '';
  let before = {};
  beforeAll(async () => {
    shared = newPath();
    await gramZarr(shared, kernel, x, undefined, { tileRows, madeBy: 'me' });
    before = bytesOf(shared);
  });
  const go = (path: string, k: CompiledKernel, a: Inputs, b?: Inputs, more: ZarrOptions = {}) =>
    gramZarr(path, k, a, b, { tileRows, madeBy: 'me', ...more });
  add('network', ': another network. At', async (p) => go(p, await compile(other, reference), x));
  add('kernel', ': kernel "ntk", not "nngp". At', async (p) =>
    go(p, await compile(net, { ...reference, kernel: 'nngp' }), x),
  );
  add('x1', ': another x1. At', (p) => go(p, kernel, inputs(29, 4)));
  add('number of samples', ': another x1; shape [29,29], not [30,30]. At', (p) => go(p, kernel, inputs(30, 1)));
  add('x2', ': another x2. At', (p) => go(p, kernel, x, inputs(29, 4)));
  add('dtype', ': dtype "float64", not "float32". At', (p) => go(p, kernel, x, undefined, { dtype: 'float32' }));
  add('target', ': target "reference", not "wasm". At', async (p) => go(p, await compile(net, { target: 'wasm' }), x));
  add('tiles', ': tiles [8,8], not [9,9]. At', (p) => go(p, kernel, x, undefined, { tileRows: 9 }));
  add('version', ': made by "me", not "you". At', (p) => go(p, kernel, x, undefined, { madeBy: 'you' }));

  it.each(cases)('%s', async (_, says, run) => {
    await expect(run(shared)).rejects.toThrow(says);
    expect(bytesOf(shared)).toEqual(before);
  });

  it('layer weights', async () => {
    const path = newPath();
    const weighted = await compile(net, { ...reference, kernel: 'wntk' });
    await gramZarr(path, weighted, x, undefined, { tileRows });
    const run = gramZarr(path, weighted.withLayerWeights([1, 2]), x, undefined, { tileRows });
    await expect(run).rejects.toThrow(': layer weights [1,1], not [1,2]. At');
  });

  it('but a network of another name is the same', async () => {
    const named = await compile(network({ ...net, name: 'other' }), reference);
    expect(await go(shared, named, x)).toEqual({ chunks: 16, kept: 16 });
  });

  it('so is an array of another program, one whose description was changed, and what is no description', async () => {
    const path = newPath();
    await gramZarr(path, kernel, x, y, { tileRows });
    const document = join(path, 'zarr.json');
    const text = readFileSync(document, 'utf8');
    const written: readonly (readonly [string, string])[] = [
      [text.replace('"ntkc"', '"theirs"'), 'ntkc did not write'],
      [text.replace('"little"', '"big"'), 'zarr.json is not as it was written'],
      ['null', 'ntkc did not write'],
      [text.slice(0, 100), 'zarr.json'],
    ];
    for (const [changed, says] of written) {
      writeFileSync(document, changed);
      await expect(gramZarr(path, kernel, x, y, { tileRows })).rejects.toThrow(says);
    }
  });
});

describe('a value that is not finite', () => {
  it('is named, and its tile is not written', async () => {
    const huge = { n: 20, data: Float64Array.from({ length: 60 }, (_, i) => (i === 53 ? 1e200 : Math.sin(i))) };
    const path = newPath();
    await expect(gramZarr(path, kernel, huge, undefined, { tileRows })).rejects.toThrow(/samples \d+ and 17/);
    expect(Object.keys(bytesOf(path))).toEqual(['c/0/0', 'c/0/1', 'c/1/0', 'zarr.json']);
  });

  it('also where it is so in float32 only', async () => {
    const large = { n: 3, data: Float64Array.of(1, 0, 0, 0, 1, 0, 1e25, 0, 0) };
    const path = newPath();
    const run = gramZarr(path, kernel, large, undefined, { tileRows: 2, dtype: 'float32' });
    await expect(run).rejects.toThrow('the matrix holds Infinity. At row 2, column 2');
    expect(Object.keys(bytesOf(path))).toEqual(['c/0/0', 'c/0/1', 'c/1/0', 'zarr.json']);
  });
});

it('bad arguments leave no folder', async () => {
  const path = newPath();
  await expect(gramZarr(path, kernel, { n: 0, data: new Float64Array(0) })).rejects.toThrow('x1 has no samples');
  await expect(gramZarr(path, kernel, x, [[1, 2]])).rejects.toThrow('x2 has 2 features');
  await expect(gramZarr(path, kernel, x, y, { output: 3 })).rejects.toThrow('no output 3');
  for (const rows of [0, 1.5])
    await expect(gramZarr(path, kernel, x, y, { tileRows: rows })).rejects.toThrow('tileRows');
  expect(existsSync(path)).toBe(false);
});

it('a folder that holds something else, or a file, stays as it is', async () => {
  const [full, file] = [newPath(), newPath()];
  mkdirSync(full);
  writeFileSync(join(full, 'thesis.tex'), 'x');
  writeFileSync(file, 'x');
  await expect(gramZarr(full, kernel, x, y)).rejects.toThrow('this folder holds something else: thesis.tex');
  await expect(gramZarr(file, kernel, x, y)).rejects.toThrow('this is a file');
  await expect(gramZarr(join(folder, 'no', 'k.zarr'), kernel, x, y)).rejects.toThrow('the folder does not exist');
  expect([readdirSync(full), readFileSync(file, 'utf8')]).toEqual([['thesis.tex'], 'x']);
});
