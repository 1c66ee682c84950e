/** Chunks as Zarr stores them: little-endian numbers in C order, then their CRC-32C. */
import type { BlockPart } from '../../gramChunks.ts';
import type { DType } from '../../kernel.ts';
import { entryNotFinite } from '../entryNotFinite.ts';
import { bytesPerNumber } from '../npyHeader.ts';
import { crc32c } from './crc32c.ts';

const checksumBytes = 4;
/** Rows and columns that are copied at a time, so that both sides stay in the cache where one is read across. */
const step = 32;

export interface ChunkCodec {
  /** Bytes of every chunk, also of those at the edges, which are filled up. */
  readonly chunkBytes: number;
  /**
   * The chunk's bytes, in memory that is used again for the next.
   * @throws NtkcError for a value that is not finite as a number of this type, naming row and column
   */
  encode(part: BlockPart): Uint8Array;
  /** Whether this is a whole chunk, as it was written. */
  isIntact(stored: Uint8Array): boolean;
}

/** For chunks of [height, width] numbers. */
export function chunkCodec([height, width]: readonly [number, number], dtype: DType): ChunkCodec {
  const numberBytes = height * width * bytesPerNumber(dtype);
  const buffer = new ArrayBuffer(numberBytes + checksumBytes);
  const numbers =
    dtype === 'float64' ? new Float64Array(buffer, 0, height * width) : new Float32Array(buffer, 0, height * width);
  const bytes = new Uint8Array(buffer);
  return {
    chunkBytes: bytes.length,
    encode: (part) => {
      if (part.rows[1] - part.rows[0] < height || part.columns[1] - part.columns[0] < width) numbers.fill(Number.NaN);
      copy(part, numbers, width);
      new DataView(buffer).setUint32(numberBytes, crc32c(bytes.subarray(0, numberBytes)), true);
      return bytes;
    },
    isIntact: (stored) => {
      if (stored.length !== bytes.length) return false;
      const checksum = new DataView(stored.buffer, stored.byteOffset).getUint32(numberBytes, true);
      return checksum === crc32c(stored.subarray(0, numberBytes));
    },
  };
}

/** Into out[i * width + j], checked as they are there: what is huge is infinite in float32. */
function copy(
  { rows, columns, data, offset, strides: [down, across] }: BlockPart,
  out: Float64Array | Float32Array,
  width: number,
): void {
  const [n, m] = [rows[1] - rows[0], columns[1] - columns[0]];
  for (let i0 = 0; i0 < n; i0 += step)
    for (let j0 = 0; j0 < m; j0 += step)
      for (let i = i0; i < Math.min(i0 + step, n); i++)
        for (let j = j0; j < Math.min(j0 + step, m); j++) {
          const at = i * width + j;
          out[at] = data[offset + i * down + j * across] as number;
          if (!Number.isFinite(out[at])) throw entryNotFinite(out[at] as number, rows[0] + i, columns[0] + j);
        }
}
