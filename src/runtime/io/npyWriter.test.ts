import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Block } from '../gram.ts';
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

function blockAt(row0: number, row1: number, col0: number, col1: number): Block {
  const width = col1 - col0;
  const data = Float64Array.from({ length: (row1 - row0) * width }, (_, k) =>
    entry(row0 + Math.floor(k / width), col0 + (k % width)),
  );
  return { rows: [row0, row1], columns: [col0, col1], data };
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
            writer.write(blockAt(row0, row1, col0, col1));
          }
        }
        writer.finish();
        const { data, shape, dtype } = readNpy(path);
        expect({ shape, dtype }).toEqual({ shape: [rows, columns], dtype: double ? 'float64' : 'float32' });
        expect(Array.from(data)).toEqual(Array.from(blockAt(0, rows, 0, columns).data));
      }),
      { numRuns: 40 },
    );
  });

  it('writes rows longer than its buffer', () => {
    const columns = 2 ** 17 + 5;
    const writer = openNpyWriter(path, [3, columns]);
    writer.write(blockAt(0, 2, 0, columns));
    writer.write(blockAt(2, 3, 0, columns - 1));
    writer.write(blockAt(2, 3, columns - 1, columns));
    writer.finish();
    expect(readNpy(path).data).toEqual(blockAt(0, 3, 0, columns).data);
  });

  it('leaves an earlier file alone until finish, and nothing behind after abort', () => {
    writeFileSync(path, 'earlier');
    const writer = openNpyWriter(path, [1, 1]);
    writer.write({ rows: [0, 1], columns: [0, 1], data: Float64Array.of(1) });
    expect(readFileSync(path, 'utf8')).toBe('earlier');
    writer.abort();
    writer.abort();
    expect(readdirSync(folder)).toEqual(['gram.npy']);
    expect(readFileSync(path, 'utf8')).toBe('earlier');
  });

  it('refuses values that are not finite, also when float32 cannot hold them, and leaves nothing behind', () => {
    const place = { rows: [1, 2], columns: [0, 2] } as const;
    const single = openNpyWriter(path, [2, 2], 'float32');
    expect(() => single.write({ ...place, data: Float64Array.of(1, 1e39) })).toThrow(/holds Infinity.*row 1, column 1/);
    const double = openNpyWriter(path, [2, 2]);
    expect(() => double.write({ ...place, data: Float64Array.of(1, Number.NaN) })).toThrow(
      /holds NaN.*row 1, column 1/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('finishes only a whole matrix', () => {
    const writer = openNpyWriter(path, [2, 1]);
    writer.write({ rows: [0, 1], columns: [0, 1], data: Float64Array.of(1) });
    expect(() => writer.finish()).toThrow(/1 of 2 entries/);
    expect(() => writer.write({ rows: [2, 3], columns: [0, 1], data: Float64Array.of(1) })).toThrow(/a block of 1/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names an output folder that does not exist', () => {
    expect(() => openNpyWriter(join(folder, 'none', 'a.npy'), [1, 1])).toThrow(/folder does not exist.*none.*Create/);
  });
});
