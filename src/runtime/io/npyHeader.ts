import { NtkcError } from '../../errors.ts';

export type NpyDtype = 'float32' | 'float64';

export interface NpyHeader {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  /** Where the numbers begin, from the start of the file. */
  readonly dataOffsetBytes: number;
}

export const bytesPerNumber = (dtype: NpyDtype) => (dtype === 'float64' ? 8 : 4);

const magic = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59); // \x93NUMPY
const descrOf = { float32: '<f4', float64: '<f8' } as const;

/** Bytes of a file that surely suffice to know how long its header is. */
export const npyPreambleBytes = 12;

/** Length of everything before the numbers, from the first 12 bytes. Throws NtkcError if this is no .npy file. */
export function npyDataOffset(bytes: Uint8Array): number {
  if (bytes.length < 10 || magic.some((b, i) => bytes[i] !== b)) {
    throw new NtkcError({
      what: 'not a .npy file: it does not begin with the bytes \\x93NUMPY',
      next: 'Write it with numpy.save, or pass nested lists in a .json file.',
    });
  }
  const major = bytes[6]!;
  if (major < 1 || major > 3) {
    throw new NtkcError({ what: `.npy format version ${major}.${bytes[7]} is unknown`, expected: 'version 1, 2 or 3' });
  }
  if (major > 1 && bytes.length < npyPreambleBytes) throw truncatedHeader();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return major === 1 ? 10 + view.getUint16(8, true) : 12 + view.getUint32(8, true);
}

/** Reads the header; `bytes` hold at least everything before the numbers. Throws NtkcError. */
export function parseNpyHeader(bytes: Uint8Array): NpyHeader {
  const dataOffsetBytes = npyDataOffset(bytes);
  if (bytes.length < dataOffsetBytes) throw truncatedHeader();
  const text = new TextDecoder().decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataOffsetBytes)).trim();
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\sL,]*)\)/.exec(text)?.[1];
  if (order === undefined || shape === undefined || !text.includes("'descr'")) throw brokenHeader(text);
  const dtype = dtypeOf(text);
  if (order === 'True') {
    throw new NtkcError({
      what: 'the array is stored in Fortran order',
      expected: 'C order (row-major)',
      next: 'Save numpy.ascontiguousarray(a) instead.',
    });
  }
  return { dtype, shape: parseShape(shape, text), dataOffsetBytes };
}

/** Version 1.0 header, padded with spaces so that the numbers begin at a multiple of 64 bytes. */
export function npyHeaderBytes(shape: readonly number[], dtype: NpyDtype): Uint8Array {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const dict = `{'descr': '${descrOf[dtype]}', 'fortran_order': False, 'shape': (${tuple}), }`;
  const length = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const bytes = new Uint8Array(length);
  bytes.set(magic);
  bytes[6] = 1;
  new DataView(bytes.buffer).setUint16(8, length - 10, true);
  bytes.set(new TextEncoder().encode(`${dict.padEnd(length - 11)}\n`), 10);
  return bytes;
}

function dtypeOf(text: string): NpyDtype {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1] ?? 'a structured type';
  if (descr === '<f8') return 'float64';
  if (descr === '<f4') return 'float32';
  const bigEndian = /^>f[48]$/.test(descr);
  throw new NtkcError({
    what: bigEndian ? `the numbers are big-endian (${descr})` : `the array's dtype is ${descr}`,
    expected: 'float64 (<f8) or float32 (<f4), little-endian',
    next: "Save a.astype('<f8') instead.",
  });
}

function parseShape(text: string, header: string): readonly number[] {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.at(-1) === '') parts.pop();
  const shape = parts.map((part) => Number(part.replace(/L$/, '')));
  if (parts.includes('') || !shape.every(Number.isSafeInteger)) throw brokenHeader(header);
  return shape;
}

const truncatedHeader = () =>
  new NtkcError({ what: 'the .npy file ends inside its header', next: 'Write or copy the file again.' });

const brokenHeader = (text: string) =>
  new NtkcError({
    what: `the .npy header cannot be read: ${text.slice(0, 120)}`,
    expected: "a dictionary with 'descr', 'fortran_order' and 'shape'",
    next: 'Write the file again with numpy.save.',
  });
