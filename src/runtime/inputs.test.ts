/** Inputs of networks with positions: shapes, patterns and masks, given well and badly. */
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { type CompiledKernel, gram, type LayerInput, network } from '../index.ts';
import type { NestedNumbers } from './padded.ts';

const end: readonly LayerInput[] = [{ op: 'globalAvgPool' }, { op: 'dense', bStd: 0.1 }];
const compiled = (layers: readonly LayerInput[], shape: readonly number[], masked?: true): Promise<CompiledKernel> =>
  compile(network({ input: { shape, ...(masked && { masked }) }, layers: [...layers, ...end] }), {
    target: 'reference',
  });
const conv: readonly LayerInput[] = [{ op: 'conv', kernel: [3], bStd: 0.3 }, { op: 'relu' }];
const image: readonly LayerInput[] = [{ op: 'conv', kernel: [2, 2] }, { op: 'erf' }];

/** Nested lists of a shape. */
const nested = (shape: readonly number[], seed = 1): NestedNumbers => {
  const [n = 0, ...inner] = shape;
  return Array.from({ length: n }, (_, i) => (inner.length === 0 ? Math.sin(seed + i) : nested(inner, seed * 3 + i)));
};
const batch = (n: number, shape: readonly number[]) => nested([n, ...shape]) as NestedNumbers[];
const flat = (x: NestedNumbers): number[] => x.flatMap((v) => (typeof v === 'number' ? [v] : flat(v)));

describe('inputs of shape [3, 2, 2]', () => {
  it('are the same nested, as flat rows and as flat data in C order', async () => {
    const kernel = await compiled(image, [3, 2, 2]);
    const x = batch(3, [3, 2, 2]);
    const want = await gram(kernel, x);
    expect(await gram(kernel, x.map(flat))).toEqual(want);
    expect(await gram(kernel, { data: Float64Array.from(flat(x)), n: 3 })).toEqual(want);
  });

  it.each([
    ['of another shape', batch(2, [2, 3, 2]), /x1 has samples of shape \[2, 3, 2\].*\[3, 2, 2\]/],
    ['without channels', batch(2, [3, 4]), /x1 has samples of shape \[3, 4\].*\[3, 2, 2\]/],
    ['of the wrong length', [[1, 2, 3]], /3 features a sample.*12, the numbers of shape \[3, 2, 2\]/],
    [
      'with ragged rows',
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
          [[1, 2]],
          [
            [1, 2],
            [3, 4],
          ],
        ],
      ],
      /x1\[0\]\[1\].*ragged|ragged.*x1\[0\]\[1\]/,
    ],
    ['holding NaN', [[...new Array<number>(11).fill(1), Number.NaN]], /x1 holds NaN.*x1\[0\]\[2\]\[1\]\[1\]/],
  ] as const)('are refused %s', async (_, x, message) => {
    await expect(gram(await compiled(image, [3, 2, 2]), x as readonly NestedNumbers[])).rejects.toThrow(message);
  });
});

describe('patterns', () => {
  const graph = () => compiled([{ op: 'aggregate' }, { op: 'dense' }, { op: 'relu' }], [3, 2]);
  const data = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i + 1));
  const patterns = Float64Array.from({ length: 18 }, (_, i) => (i % 4 === 0 ? 1 : 0.5));

  it('come with the inputs', async () => {
    const own = await gram(await graph(), { data, n: 2, patterns });
    const other = await gram(await graph(), { data, n: 2, patterns: patterns.map((v) => 1 - v) });
    expect(own.every(Number.isFinite)).toBe(true);
    expect(other).not.toEqual(own);
  });

  it.each([
    ['missing', undefined, /needs the pattern of each sample, and x1 has none.*3 x 3 numbers/],
    ['of the wrong size', patterns.subarray(1), /patterns of x1 hold 17 numbers.*18: 3 x 3 for each of 2 samples/],
    ['infinite', patterns.map((v, i) => (i === 14 ? Infinity : v)), /patterns of x1 holds Infinity.*x1\[1\]\[1\]\[2\]/],
  ])('are refused when %s', async (_, given, message) => {
    await expect(gram(await graph(), { data, n: 2, ...(given && { patterns: given }) })).rejects.toThrow(message);
  });
});

describe('masks', () => {
  const masked = () => compiled(conv, [4, 2], true);
  const x = batch(3, [4, 2]);

  it('are what shorter lists mean, and full ones mean that all is there', async () => {
    const shorter = x.map((rows) => (rows as NestedNumbers[]).slice(0, 3));
    const alone = await gram(await compiled(conv, [3, 2]), shorter);
    const together = await gram(await masked(), shorter);
    // The same sums with zeros between them, in another order.
    for (const [i, v] of together.entries()) expect(v).toBeCloseTo(alone[i] as number, 13);
    expect(await gram(await masked(), x)).toEqual(await gram(await compiled(conv, [4, 2]), x));
  });

  it('may be given, and are checked', async () => {
    const data = Float64Array.from(flat(x));
    const present = new Float64Array(12).fill(1);
    const kernel = await masked();
    expect(await gram(kernel, { data, n: 3, present })).toEqual(await gram(kernel, x));
    const refused = (mask: Float64Array, zeros: readonly number[], message: RegExp) =>
      expect(
        gram(kernel, { data: data.map((v, i) => (zeros.includes(i >> 1) ? 0 : v)), n: 3, present: mask }),
      ).rejects.toThrow(message);
    await refused(present.subarray(1), [], /mask of x1 holds 11 numbers.*12: 4 for each of 3/);
    await refused(present.with(5, 0.5), [], /mask holds 0.5.*x1\[1\]\[1\]/);
    await refused(present.with(5, 0), [], /hides holds numbers.*x1\[1\]\[1\]/);
    await refused(
      present.map((v, i) => (i >> 2 === 1 ? 0 : v)),
      [4, 5, 6, 7],
      /hides all of a sample.*x1\[1\]/,
    );
  });

  it.each([
    ['too long', [...x, nested([5, 2])], /a list of 5 entries.*x1\[3\].*at most 4/],
    ['without all channels', [[[1, 2], [3]]], /a list of 1 entries.*x1\[0\]\[1\].*2 numbers/],
    ['of text', [[[1, 'a']]], /"a" stands here.*x1\[0\]\[0\]\[1\]/],
    ['of numbers where lists belong', [[[1, 2]], [3, 4]], /3 stands here.*x1\[1\]\[0\]/],
  ] as const)('do not excuse lists %s', async (_, given, message) => {
    await expect(gram(await masked(), given as unknown as NestedNumbers[])).rejects.toThrow(message);
  });
});
