import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy, writeNpy } from './npy.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ntkc-npy-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const magic = '934e554d5059';
/** The bytes numpy 2.4.6 wrote, its run of padding spaces shortened to a count. */
const numpy = (start: string, dict: string, spaces: number, data: string) =>
  Buffer.concat([
    Buffer.from(magic + start, 'hex'),
    Buffer.from(`${dict}${' '.repeat(spaces)}\n`),
    Buffer.from(data, 'hex'),
  ]);
const row = numpy(
  '01007600',
  "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 3), }",
  58,
  '000000000000f83f00000000000000c059f3f8c21f6ea501',
);

function read(bytes: Uint8Array) {
  const path = join(folder, 'a.npy');
  writeFileSync(path, bytes);
  return readNpy(path);
}

describe('readNpy', () => {
  it('reads what numpy wrote: versions 1, 2, 3; float64, float32; 2, 1 and 0 axes', () => {
    expect(read(row)).toEqual({ dtype: 'float64', shape: [1, 3], data: Float64Array.of(1.5, -2, 1e-300) });
    const f4 = numpy(
      '020074000000',
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }",
      58,
      'cdcccc3d00004040',
    );
    expect(read(f4)).toEqual({ dtype: 'float32', shape: [2], data: Float32Array.of(0.1, 3) });
    const scalar = numpy(
      '030074000000',
      "{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
      60,
      '0000000000001d40',
    );
    expect(read(scalar)).toEqual({ dtype: 'float64', shape: [], data: Float64Array.of(7.25) });
  });

  it.each([
    ['Fortran order', row.toString('latin1').replace('False', 'True '), /Fortran order.*ascontiguousarray/],
    ['another dtype', row.toString('latin1').replace('<f8', '<i8'), /dtype is <i8.*float64/],
    ['big-endian numbers', row.toString('latin1').replace('<f8', '>f8'), /big-endian/],
    ['a structured dtype', row.toString('latin1').replace("'<f8'", "[('a'"), /dtype is a structured type/],
    ['missing numbers', row.toString('latin1').slice(0, -1), /cut off: it has 151 bytes.*152 bytes/],
    ['surplus numbers', `${row.toString('latin1')}x`, /more than one array/],
    [
      'a shape that claims far more than the file holds',
      row.toString('latin1').replace('(1, 3), }   ', '(1, 3000), }'),
      /cut off/,
    ],
    ['a header cut off', row.toString('latin1').slice(0, 40), /ends inside its header/],
    ['a preamble cut off', row.toString('latin1').slice(0, 8), /not a .npy file/],
    ['an unknown version', row.toString('latin1').replace('NUMPY\x01', 'NUMPY\x09'), /version 9.0/],
    ['a negative size', row.toString('latin1').replace('(1, 3)', '(-1,3)'), /header cannot be read/],
    ['another file', 'PK\x03\x04 not an array', /not a .npy file.*numpy.save/],
    ['an empty file', '', /not a .npy file/],
  ])('refuses %s', (_, latin1, message) => {
    const bytes = Buffer.from(latin1, 'latin1');
    expect(() => read(bytes)).toThrow(message);
    expect(() => read(bytes)).toThrow(/a\.npy/);
  });

  it('names a missing file and a folder', () => {
    expect(() => readNpy(join(folder, 'none.npy'))).toThrow(/no such file.*none\.npy/);
    expect(() => readNpy(folder)).toThrow(/is a folder/);
  });
});

describe('writeNpy', () => {
  it('writes the very bytes numpy writes', () => {
    const path = join(folder, 'b.npy');
    writeNpy(path, Float64Array.of(1.5, -2, 1e-300), [1, 3]);
    expect(readFileSync(path)).toEqual(row);
  });

  it('reads back equal, any shape and precision', () => {
    const path = join(folder, 'c.npy');
    const array = fc
      .tuple(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }), fc.boolean())
      .chain(([shape, double]) => {
        const length = shape.reduce((p, d) => p * d, 1);
        const options = { minLength: length, maxLength: length };
        return fc.record({
          shape: fc.constant(shape),
          data: double ? fc.float64Array(options) : fc.float32Array(options),
        });
      });
    fc.assert(
      fc.property(array, ({ shape, data }) => {
        writeNpy(path, data, shape);
        expect(readNpy(path)).toEqual({ dtype: data instanceof Float64Array ? 'float64' : 'float32', shape, data });
      }),
      { numRuns: 50 },
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('refuses a shape that does not fit', () => {
    expect(() => writeNpy(join(folder, 'd.npy'), Float64Array.of(1), [2])).toThrow(/do not fill the shape/);
  });
});
