import { describe, expect, it } from 'vitest';
import { parseCifar10, parseIdxImages, parseIdxLabels } from './images.ts';

const idxOf = (sizes: readonly number[], values: readonly number[]) =>
  Uint8Array.of(0, 0, 8, sizes.length, ...sizes.flatMap((n) => [0, 0, n >> 8, n & 255]), ...values);

describe('idx', () => {
  it('reads images, row by row, and labels', () => {
    const values = Array.from({ length: 2 * 3 * 2 }, (_, i) => i * 20);
    const { images, n, shape } = parseIdxImages(idxOf([2, 3, 2], values));
    expect([n, shape]).toEqual([2, [3, 2, 1]]);
    expect([...images]).toEqual(values.map((v) => v / 255));
    expect(parseIdxLabels(idxOf([3], [7, 0, 9]))).toEqual(['7', '0', '9']);
  });

  it('reads what a slice of a larger buffer holds', () => {
    const file = Uint8Array.of(9, 9, 9, ...idxOf([300], new Array<number>(300).fill(4)));
    expect(parseIdxLabels(file.subarray(3))).toHaveLength(300);
  });

  it.each([
    [idxOf([2, 3, 2], [1, 2, 3]), /a file of 19 bytes.*28 bytes/],
    [idxOf([3], [1, 2, 3]), /idx file of 1 axes.*3 axes/],
    [Uint8Array.of(0, 0, 8, 3, 0), /a file of 5 bytes.*16/],
    [Uint8Array.of(0x1f, 0x8b, 8, 0), /still compressed.*gunzip/],
    [new Uint8Array(), /not an idx file/],
  ])('says what is wrong with a file, case %#', (bytes, message) => {
    expect(() => parseIdxImages(bytes)).toThrow(message);
  });
});

describe('CIFAR-10', () => {
  const record = (label: number, pixel: (plane: number, row: number, column: number) => number) =>
    Uint8Array.of(
      label,
      ...Array.from({ length: 3072 }, (_, i) => pixel(Math.floor(i / 1024), Math.floor(i / 32) % 32, i % 32)),
    );
  const two = Uint8Array.of(...record(3, (p, r, c) => p * 80 + r + c), ...record(9, (p) => 255 - p));

  it('puts the three planes side by side, channels last', () => {
    const { images, n, shape, labels } = parseCifar10(two);
    expect([n, shape, labels]).toEqual([2, [32, 32, 3], ['3', '9']]);
    const at = (i: number, row: number, column: number) => {
      const from = ((i * 32 + row) * 32 + column) * 3;
      return [...images.subarray(from, from + 3)].map((v) => Math.round(v * 255));
    };
    expect(at(0, 5, 20)).toEqual([25, 105, 185]);
    expect(at(0, 31, 0)).toEqual([31, 111, 191]);
    expect(at(1, 0, 31)).toEqual([255, 254, 253]);
  });

  it('refuses what is no whole records, and classes there are not', () => {
    expect(() => parseCifar10(two.subarray(1))).toThrow(/6145 bytes.*multiple of 3073/);
    expect(() => parseCifar10(new Uint8Array())).toThrow(/0 bytes/);
    expect(() => parseCifar10(Uint8Array.of(...two.subarray(0, 3073), 10, ...two.subarray(3074)))).toThrow(
      /label 10.*record 1/,
    );
  });
});
