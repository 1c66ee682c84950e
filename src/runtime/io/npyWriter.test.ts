import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readNpy } from './npy.ts';
import { openNpyWriter } from './npyWriter.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ntkc-writer-'));
  path = join(folder, 'gram.npy');
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = (r: number, c: number) => Math.fround(Math.sin(1 + r * 13 + c));

function blockValues(row0: number, row1: number, col0: number, col1: number): Float64Array {
  const width = col1 - col0;
  return Float64Array.from({ length: (row1 - row0) * width }, (_, k) =>
    entry(row0 + Math.floor(k / width), col0 + (k % width)),
  );
}

/** [0, a), [a, 2a), ... up to n. */
const tiles = (n: number, size: number) =>
  Array.from({ length: Math.ceil(n / size) }, (_, k) => [k * size, Math.min(n, (k + 1) * size)] as const);

describe('openNpyWriter', () => {
  it('puts blocks where they belong, for any tiling, in both precisions', () => {
    const size = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(size, size, size, size, fc.boolean(), (rows, columns, tileRows, tileColumns, double) => {
        const writer = openNpyWriter(path, [rows, columns], double ? 'float64' : 'float32');
        for (const [col0, col1] of tiles(columns, tileColumns)) {
          for (const [row0, row1] of tiles(rows, tileRows)) {
            writer.writeBlock(blockValues(row0, row1, col0, col1), { row0, row1, col0, col1 });
          }
        }
        writer.finish();
        const { data, shape, dtype } = readNpy(path);
        expect({ shape, dtype }).toEqual({ shape: [rows, columns], dtype: double ? 'float64' : 'float32' });
        expect(Array.from(data)).toEqual(Array.from(blockValues(0, rows, 0, columns)));
      }),
      { numRuns: 40 },
    );
  });

  it('writes a tile of a symmetric matrix to both its places', () => {
    const n = 7;
    const symmetric = (r: number, c: number) => entry(Math.min(r, c), Math.max(r, c));
    const writer = openNpyWriter(path, [n, n]);
    for (const [row0, row1] of tiles(n, 3)) {
      for (const [col0, col1] of tiles(n, 3)) {
        if (col0 < row0) continue;
        const width = col1 - col0;
        const values = Float64Array.from({ length: (row1 - row0) * width }, (_, k) =>
          symmetric(row0 + Math.floor(k / width), col0 + (k % width)),
        );
        writer.writeBlock(values, { row0, row1, col0, col1 });
        if (row0 !== col0) writer.writeTransposed(values, { row0, row1, col0, col1 });
      }
    }
    writer.finish();
    const { data } = readNpy(path);
    expect(Array.from(data)).toEqual(Array.from({ length: n * n }, (_, k) => symmetric(Math.floor(k / n), k % n)));
  });

  it('writes rows longer than its buffer', () => {
    const columns = 2 ** 17 + 5;
    const writer = openNpyWriter(path, [3, columns]);
    writer.writeBlock(blockValues(0, 2, 0, columns), { row0: 0, row1: 2, col0: 0, col1: columns });
    writer.writeBlock(blockValues(2, 3, 0, columns - 1), { row0: 2, row1: 3, col0: 0, col1: columns - 1 });
    writer.writeBlock(blockValues(2, 3, columns - 1, columns), { row0: 2, row1: 3, col0: columns - 1, col1: columns });
    writer.finish();
    expect(readNpy(path).data).toEqual(blockValues(0, 3, 0, columns));
  });

  it('leaves an earlier file alone until finish, and nothing behind after abort', () => {
    writeFileSync(path, 'earlier');
    const writer = openNpyWriter(path, [1, 1]);
    writer.writeBlock(Float64Array.of(1), { row0: 0, row1: 1, col0: 0, col1: 1 });
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    writer.abort();
    writer.abort();
    expect(readdirSync(folder)).toEqual(['gram.npy']);
    expect(readFileSync(path, 'utf8')).toBe('earlier');
  });

  it('refuses values that are not finite, also when float32 cannot hold them, and leaves nothing behind', () => {
    const place = { row0: 1, row1: 2, col0: 0, col1: 2 };
    const single = openNpyWriter(path, [2, 2], 'float32');
    expect(() => single.writeBlock(Float64Array.of(1, 1e39), place)).toThrow(/holds Infinity.*row 1, column 1/);
    const double = openNpyWriter(path, [2, 2]);
    expect(() => double.writeTransposed(Float64Array.of(1, Number.NaN), place)).toThrow(/holds NaN.*row 1, column 1/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finishes only a whole matrix', () => {
    const writer = openNpyWriter(path, [2, 1]);
    writer.writeBlock(Float64Array.of(1), { row0: 0, row1: 1, col0: 0, col1: 1 });
    expect(() => writer.finish()).toThrow(/1 of 2 entries/);
    expect(() => writer.writeBlock(Float64Array.of(1), { row0: 2, row1: 3, col0: 0, col1: 1 })).toThrow(/a block of 1/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names an output folder that does not exist', () => {
    expect(() => openNpyWriter(join(folder, 'none', 'a.npy'), [1, 1])).toThrow(/folder does not exist.*none.*Create/);
  });
});
