/** Reads back a matrix that `gramZarr` wrote. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NtkcError } from '../../../errors.ts';
import type { DType } from '../../kernel.ts';
import { codeOf, readFailure } from '../fileErrors.ts';
import { parseJson } from '../json.ts';
import type { DenseArray } from '../jsonArray.ts';
import { chunkCodec } from './chunkBytes.ts';
import { codecs, documentKey, keyOf, type Metadata } from './metadata.ts';

/** @throws NtkcError where the folder holds no such matrix, or one that is unfinished or damaged */
export function readZarr(path: string): DenseArray {
  const { shape, chunkShape, dtype } = descriptionOf(path);
  const [[rows, columns], [height, width]] = [shape, chunkShape];
  const data = new Float64Array(rows * columns);
  const { isIntact } = chunkCodec(chunkShape, dtype);
  for (let i = 0; i * height < rows; i++)
    for (let j = 0; j * width < columns; j++) {
      const stored = readBytes(path, keyOf(i, j));
      if (stored === undefined || !isIntact(stored)) throw unfinished(path, keyOf(i, j), stored !== undefined);
      const numbers =
        dtype === 'float64'
          ? new Float64Array(stored.buffer, 0, height * width)
          : new Float32Array(stored.buffer, 0, height * width);
      const [last, count] = [Math.min(height, rows - i * height), Math.min(width, columns - j * width)];
      for (let r = 0; r < last; r++)
        data.set(numbers.subarray(r * width, r * width + count), (i * height + r) * columns + j * width);
    }
  return { data, shape };
}

interface Description {
  readonly shape: readonly [number, number];
  readonly chunkShape: readonly [number, number];
  readonly dtype: DType;
}

function descriptionOf(path: string): Description {
  const bytes = readBytes(path, documentKey);
  if (bytes === undefined) throw notOurs(path, `there is no ${documentKey}`);
  const {
    shape,
    data_type: dtype,
    chunk_grid: grid,
    ...rest
  } = (parseJson(new TextDecoder().decode(bytes), join(path, documentKey)) ?? {}) as Partial<Metadata>;
  const chunkShape = grid?.configuration?.chunk_shape;
  if (!isPair(shape) || !isPair(chunkShape)) throw notOurs(path, 'this is no matrix in regular chunks');
  if (dtype !== 'float64' && dtype !== 'float32') throw notOurs(path, `the numbers are ${JSON.stringify(dtype)}`);
  if (!isDeepStrictEqual(rest.codecs, codecs)) throw notOurs(path, 'its chunks are coded in another way');
  return { shape, chunkShape, dtype };
}

const isPair = (value: unknown): value is readonly [number, number] =>
  Array.isArray(value) && value.length === 2 && value.every((size) => Number.isInteger(size) && size > 0);

/** A copy at the start of a buffer of its own. */
function readBytes(path: string, key: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(readFileSync(join(path, key)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw readFailure(error, join(path, key));
  }
}

const notOurs = (path: string, what: string) =>
  new NtkcError({
    what,
    where: path,
    expected: 'a Zarr matrix that ntkc gram wrote: float64 or float32, little-endian, with CRC-32C',
  });

const unfinished = (path: string, key: string, isThere: boolean) =>
  new NtkcError({
    what: `chunk ${key} is ${isThere ? 'damaged' : 'missing: the matrix is not finished'}`,
    where: path,
    next: 'Run the command that made it again: it goes on where it was.',
  });
