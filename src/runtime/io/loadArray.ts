import { extname } from 'node:path';
import { jsonPath, NtkcError } from '../../errors.ts';
import { atomicWriteFile, readInput } from './files.ts';
import { parseJson } from './json.ts';
import { type DenseArray, denseFromNested, indicesOf, printNested } from './jsonArray.ts';
import { type NpyArray, readNpy, writeNpy } from './npy.ts';
import { readZarr } from './zarr/readZarr.ts';

/**
 * Reads an array [n, ...shape] of finite numbers from .json (nested lists), .npy, or a .zarr folder that `gramZarr` wrote,
 * as float64.
 * @param name what the array is, for messages
 * @throws NtkcError naming the file and the place inside it ("x[3][1]")
 */
export function loadArray(path: string, name = 'x'): DenseArray {
  const extension = extname(path).toLowerCase();
  if (extension === '.npy') return requireNumbers(readNpy(path), path, name);
  if (extension === '.zarr') return requireNumbers(readZarr(path), path, name);
  if (extension !== '.json') throw unknownExtension(path, extension, '.json, .npy or .zarr');
  const value = parseJson(readInput(path), path);
  try {
    return denseFromNested(value, name);
  } catch (error) {
    throw error instanceof NtkcError ? error.inFile(path) : error;
  }
}

/** Writes an array as .json or .npy, by the ending of the path; whole or not at all. Throws NtkcError. */
export function saveArray(path: string, data: Float64Array | Float32Array, shape: readonly number[]): void {
  const extension = extname(path).toLowerCase();
  if (extension === '.npy') writeNpy(path, data, shape);
  else if (extension === '.json') atomicWriteFile(path, printNested(data, shape));
  else throw unknownExtension(path, extension, '.json or .npy');
}

function requireNumbers({ data, shape }: Pick<NpyArray, 'data' | 'shape'>, path: string, name: string): DenseArray {
  if (shape.length === 0)
    throw new NtkcError({ what: 'a single number, not an array', where: path, expected: '[n, ...shape]' });
  if (data.length === 0) {
    throw new NtkcError({
      what: `empty data: shape (${shape.join(', ')})`,
      where: path,
      expected: 'at least one sample',
    });
  }
  const at = data.findIndex((v) => !Number.isFinite(v));
  if (at >= 0) {
    throw new NtkcError({
      what: `the data holds ${data[at]}`,
      where: `${path}: ${jsonPath(name, indicesOf(at, shape))}`,
      expected: 'finite numbers',
      next: 'Fill or drop these samples first.',
    });
  }
  return { data: data instanceof Float64Array ? data : Float64Array.from(data), shape };
}

const unknownExtension = (path: string, extension: string, known: string) =>
  new NtkcError({
    what: extension === '' ? 'the file name has no ending' : `cannot tell the format ${extension}`,
    where: path,
    expected: `a ${known} file`,
  });
