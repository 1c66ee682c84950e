import { extname } from 'node:path';
import { requireTuples } from '../runtime/empirical/hierarchy/index.ts';
import { loadArray, parseJson, readInput } from '../runtime/io/index.ts';
import { inFile } from './networkFile.ts';

/**
 * Tuples of indices of n samples: lists of any lengths in .json, rows of one length in .npy.
 * @throws NtkcError naming the file and the place inside it, e.g. "tuples[3][1]"
 */
export async function loadTuples(file: string, n: number): Promise<readonly (readonly number[])[]> {
  const json = extname(file).toLowerCase() === '.npy' ? rowsOf(file) : parseJson(readInput(file), file);
  return inFile(file, () => requireTuples(json, n));
}

function rowsOf(file: string): readonly (readonly number[])[] {
  const { data, shape } = loadArray(file, 'tuples');
  const [rows = 0, length = 1] = shape;
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * length, (row + 1) * length)]);
}
