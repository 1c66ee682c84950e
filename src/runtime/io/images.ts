/** Image sets in the files they are handed around in. */
import { NtkcError } from '../../errors.ts';

export interface ImageSet {
  /** [n, height, width, channels], row-major, values from 0 to 1. */
  readonly images: Float64Array;
  readonly n: number;
  readonly shape: readonly [height: number, width: number, channels: number];
}

export interface LabelledImages extends ImageSet {
  readonly labels: readonly string[];
}

/** Images of an idx3-ubyte file, gunzipped: MNIST. @throws NtkcError naming what does not fit; the caller adds the file */
export function parseIdxImages(bytes: Uint8Array): ImageSet {
  const { sizes, values } = idx(bytes, 3);
  const [n, height, width] = sizes as [number, number, number];
  return { images: Float64Array.from(values, (v) => v / 255), n, shape: [height, width, 1] };
}

/** Labels of an idx1-ubyte file, gunzipped. @throws NtkcError */
export const parseIdxLabels = (bytes: Uint8Array): readonly string[] => Array.from(idx(bytes, 1).values, String);

/** Two zero bytes, the type (8: unsigned bytes), the number of axes, their sizes as big-endian 32-bit numbers, the values. */
function idx(bytes: Uint8Array, axes: number): { readonly sizes: readonly number[]; readonly values: Uint8Array } {
  const isIdx = bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && bytes[2] === 8;
  if (!isIdx)
    throw new NtkcError({
      what: bytes[0] === 0x1f && bytes[1] === 0x8b ? 'still compressed' : 'not an idx file of bytes',
      expected: 'the bytes 0, 0, 8 and the number of axes first',
      next: 'Decompress it first: gunzipSync(readFileSync(file)).',
    });
  if (bytes[3] !== axes)
    throw new NtkcError({
      what: `an idx file of ${bytes[3]} axes`,
      expected: axes === 1 ? '1 axis, as labels have' : `${axes} axes, as images have`,
    });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = 4 + 4 * axes;
  if (bytes.length < head) throw cut(bytes.length, head);
  const sizes = Array.from({ length: axes }, (_, a) => view.getUint32(4 + 4 * a));
  const count = sizes.reduce((product, n) => product * n, 1);
  if (bytes.length !== head + count) throw cut(bytes.length, head + count);
  return { sizes, values: bytes.subarray(head) };
}

const cut = (length: number, expected: number) =>
  new NtkcError({ what: `a file of ${length} bytes`, expected: `${expected} bytes, as its header says` });

const cifarRecord = 3073;
const cifarSide = 32;

/**
 * A batch of CIFAR-10 in its binary version: records of a label and the red, the green and the blue plane of an image.
 * @throws NtkcError for bytes that are no whole records, or a label above 9; the caller adds the file
 */
export function parseCifar10(bytes: Uint8Array): LabelledImages {
  if (bytes.length === 0 || bytes.length % cifarRecord !== 0)
    throw new NtkcError({
      what: `a file of ${bytes.length} bytes`,
      expected: `a multiple of ${cifarRecord}, the length of a record`,
      next: 'Use the binary version of CIFAR-10, data_batch_1.bin and so on.',
    });
  const n = bytes.length / cifarRecord;
  const plane = cifarSide ** 2;
  const images = new Float64Array(n * plane * 3);
  const labels: string[] = [];
  for (let i = 0; i < n; i++) {
    const [label, ...pixels] = bytes.subarray(i * cifarRecord, (i + 1) * cifarRecord);
    if ((label as number) > 9)
      throw new NtkcError({ what: `the label ${label}`, where: `record ${i}`, expected: 'a class from 0 to 9' });
    labels.push(String(label));
    pixels.forEach((v, at) => {
      images[i * plane * 3 + (at % plane) * 3 + Math.floor(at / plane)] = v / 255;
    });
  }
  return { images, n, shape: [cifarSide, cifarSide, 3], labels };
}
