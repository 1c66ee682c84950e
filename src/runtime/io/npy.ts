import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { NtkcError } from '../../errors.ts';
import { readFailure } from './fileErrors.ts';
import { atomicWriteFile } from './files.ts';
import {
  bytesPerNumber,
  type NpyDtype,
  type NpyHeader,
  npyDataOffset,
  npyHeaderBytes,
  npyPreambleBytes,
  parseNpyHeader,
} from './npyHeader.ts';

/** An array as it lies in a .npy file: C order; `data` has the file's own precision. */
export interface NpyArray {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array;
}

const chunkBytes = 64 * 2 ** 20;
const maxHeaderBytes = 2 ** 20;

/**
 * Reads a .npy file (format 1 to 3; float32 or float64, little-endian, C order, any number of axes, also larger than
 * 2 GiB). Values are given as they are: NaN and infinity pass (loadArray refuses them). Throws NtkcError naming the file.
 */
export function readNpy(path: string): NpyArray {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    return readOpen(fd);
  } catch (error) {
    throw error instanceof NtkcError ? error.inFile(path) : readFailure(error, path);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Writes an array as .npy, format 1.0, in the precision of `data`; whole or not at all. Throws NtkcError. */
export function writeNpy(path: string, data: Float64Array | Float32Array, shape: readonly number[]): void {
  const dtype = data instanceof Float64Array ? 'float64' : 'float32';
  if (countOf(shape) !== data.length) {
    throw new NtkcError({
      what: `${data.length} numbers do not fill the shape (${shape.join(', ')})`,
      where: path,
      expected: `${countOf(shape)} numbers`,
    });
  }
  const header = npyHeaderBytes(shape, dtype);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
  atomicWriteFile(path, bytes);
}

function readOpen(fd: number): NpyArray {
  const fileBytes = fstatSync(fd).size;
  const offset = npyDataOffset(readAt(fd, 0, Math.min(npyPreambleBytes, fileBytes)));
  const header = parseNpyHeader(readAt(fd, 0, Math.min(offset, fileBytes, maxHeaderBytes)));
  const count = requireFullFile(header, fileBytes);
  const data = header.dtype === 'float64' ? allocate(Float64Array, count) : allocate(Float32Array, count);
  fill(fd, header.dataOffsetBytes, new Uint8Array(data.buffer));
  return { dtype: header.dtype, shape: header.shape, data };
}

/** How many numbers the file holds, after checking that its length is what the header says. */
function requireFullFile({ dtype, shape, dataOffsetBytes }: NpyHeader, fileBytes: number): number {
  const count = countOf(shape);
  const expected = dataOffsetBytes + count * bytesPerNumber(dtype);
  if (fileBytes === expected) return count;
  throw new NtkcError({
    what: `the .npy file ${fileBytes < expected ? 'is cut off' : 'holds more than one array'}: it has ${fileBytes} bytes`,
    expected: `${expected} bytes for ${dtype} (${shape.join(', ')})`,
    next: 'Write or copy the file again.',
  });
}

function allocate<T extends Float64Array | Float32Array>(type: new (length: number) => T, count: number): T {
  try {
    return new type(count);
  } catch {
    throw new NtkcError({
      what: `${count} numbers are too many for memory`,
      next: 'Split the array into smaller files.',
    });
  }
}

function readAt(fd: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(fd, position, bytes);
  return bytes;
}

function fill(fd: number, position: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const length = Math.min(chunkBytes, bytes.length - done);
    const got = readSync(fd, bytes, done, length, position + done);
    if (got === 0) throw new NtkcError({ what: 'the file became shorter while it was read', next: 'Try again.' });
    done += got;
  }
}

const countOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);
