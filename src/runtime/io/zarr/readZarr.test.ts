import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile } from '../../../compile.ts';
import { dense, network, relu } from '../../../ops/vocabulary.ts';
import { gram } from '../../gram.ts';
import { gramZarr } from '../../gramZarr.ts';
import { loadArray } from '../loadArray.ts';

const folder = mkdtempSync(join(tmpdir(), 'ntkc-zarr-'));
afterAll(() => rmSync(folder, { recursive: true }));

const kernel = await compile(network({ input: { shape: [2] }, layers: [dense(), relu(), dense()] }), {
  target: 'reference',
});
const inputs = (n: number) => Array.from({ length: n }, (_, i) => [Math.sin(i), Math.cos(3 * i)]);

/** 23 rows and 9 columns in chunks of 5 x 5: those at both edges are cut. */
async function written(name: string, dtype: 'float64' | 'float32' = 'float64'): Promise<string> {
  const path = join(folder, `${name}.zarr`);
  await gramZarr(path, kernel, inputs(23), inputs(9), { tileRows: 5, dtype });
  return path;
}

describe('a matrix of gram -o k.zarr', () => {
  it('reads back as it was computed, or rounded where it is stored so', async () => {
    const k = await gram(kernel, inputs(23), inputs(9));
    expect(loadArray(await written('double'))).toEqual({ shape: [23, 9], data: k });
    expect(loadArray(await written('single', 'float32')).data).toEqual(k.map(Math.fround));
  });

  it('is refused where a chunk is missing or damaged', async () => {
    const path = await written('broken');
    appendFileSync(join(path, 'c/1/1'), 'x');
    expect(() => loadArray(path)).toThrow(/chunk c\/1\/1 is damaged\. At .*broken\.zarr\. Run the command .* again/);
    rmSync(join(path, 'c/0/1'));
    expect(() => loadArray(path)).toThrow(/chunk c\/0\/1 is missing: the matrix is not finished/);
  });

  it('is refused where it is another array, or none', async () => {
    const path = await written('other');
    const file = join(path, 'zarr.json');
    const document = JSON.parse(readFileSync(file, 'utf8'));
    const withDocument = (change: object) => {
      writeFileSync(file, JSON.stringify({ ...document, ...change }));
      return () => loadArray(path);
    };
    expect(withDocument({ shape: [3, 4, 5] })).toThrow(/no matrix in regular chunks/);
    expect(withDocument({ shape: [-1, 4] })).toThrow(/no matrix in regular chunks/);
    expect(withDocument({ data_type: 'int32' })).toThrow(/the numbers are "int32"/);
    expect(withDocument({ codecs: [] })).toThrow(/coded in another way/);
    expect(() => loadArray(join(folder, 'absent.zarr'))).toThrow(/there is no zarr\.json\. At .*absent\.zarr/);
  });
});
