/** Sequences of different lengths in one network: a mask must do what a shorter network does. */
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../ir/arch/index.ts';
import { evaluateProgram, parseProgram, printProgram } from '../ir/program/index.ts';
import { network } from '../ops/vocabulary.ts';
import { derive } from './index.ts';

const channels = 2;
const sequence = (seed: number, length: number) =>
  Array.from({ length: length * channels }, (_, i) => Math.sin(seed + i * i + 0.3 * i));
const padded = (x: readonly number[], to: number) => ({
  x: [...x, ...new Array<number>(to * channels - x.length).fill(0)],
  present: Array.from({ length: to }, (_, p) => (p < x.length / channels ? 1 : 0)),
});
const programOf = (length: number, layers: readonly LayerInput[], masked?: true) =>
  derive(network({ input: { shape: [length, channels], ...(masked && { masked }) }, layers }), 'ntk').program;
const he: LayerInput = { op: 'conv', kernel: [3], wStd: 1.4, bStd: 0.3 };
const end: readonly LayerInput[] = [{ op: 'dense', wStd: 1.2, bStd: 0.1 }];

// cos(0) = 1 and the biases would leak from positions that are not there.
const networks: Readonly<Record<string, readonly LayerInput[]>> = {
  'convolutions and cosines, pooled': [he, { op: 'cos' }, he, { op: 'relu' }, { op: 'globalAvgPool' }, ...end],
  'a residual block': [he, { op: 'sum', branches: [[], [{ op: 'cos' }, he]] }, { op: 'globalSumPool' }, ...end],
  'dense at each position, normalised': [
    { op: 'dense', bStd: 0.5 },
    { op: 'layerNorm' },
    { op: 'relu' },
    he,
    { op: 'globalAvgPool' },
    ...end,
  ],
  'a sum over positions, activated': [he, { op: 'globalSumPool' }, { op: 'dense', bStd: 0.2 }, { op: 'erf' }, ...end],
};

describe.each(Object.entries(networks))('%s', (_, layers) => {
  const masked = programOf(6, layers, true);
  it.each([
    [6, 6],
    [4, 4],
    [3, 3],
  ])('with the first %i of 6 positions is the network of length %i', (length) => {
    const short = programOf(length, layers);
    const [x, y] = [sequence(1, length), sequence(2, length)];
    const [a, b] = [padded(x, 6), padded(y, 6)];
    expect(evaluateProgram(masked, a, b).get('ntk')).toBeCloseTo(
      evaluateProgram(short, x, y).get('ntk') ?? Number.NaN,
      12,
    );
    expect(evaluateProgram(masked, a).get('ntk')).toBeCloseTo(evaluateProgram(short, x).get('ntk') ?? Number.NaN, 12);
  });
  it('does not read the numbers of positions that are not there', () => {
    const [a, b] = [padded(sequence(1, 4), 6), padded(sequence(2, 2), 6)];
    const other = { ...b, x: b.x.map((v, i) => (i < 4 ? v : 7)) };
    expect(evaluateProgram(masked, a, other).get('ntk')).toBeCloseTo(
      evaluateProgram(masked, a, b).get('ntk') ?? Number.NaN,
      13,
    );
  });
  it('prints and reads back', () => expect(parseProgram(printProgram(masked))).toEqual(masked));
});

it('with strides a window is there if one of its positions is', () => {
  const strided = [{ ...he, strides: [2] }, { op: 'globalAvgPool' }, ...end];
  const [x, y] = [sequence(1, 4), sequence(2, 4)];
  const short = evaluateProgram(programOf(4, [{ ...he, kernel: [2], strides: [2] }, ...strided.slice(1)]), x, y);
  const long = evaluateProgram(
    programOf(8, [{ ...he, kernel: [2], strides: [2] }, ...strided.slice(1)], true),
    padded(x, 8),
    padded(y, 8),
  );
  expect(long.get('ntk')).toBeCloseTo(short.get('ntk') ?? Number.NaN, 12);
});

describe('refuses, saying where', () => {
  it.each<readonly [string, readonly number[], readonly LayerInput[], RegExp]>([
    ['a mask of vectors', [4], [{ op: 'dense' }], /mask of vectors.*input\.masked/],
    [
      'averages over space',
      [4, 2],
      [he, { op: 'layerNorm', axes: [1, -1] }, { op: 'flatten' }],
      /masked.*layers\[1\]/s,
    ],
    [
      'branches whose masks differ',
      [4, 2],
      [{ op: 'sum', branches: [[{ ...he, strides: [2] }], [{ ...he, kernel: [1], strides: [2] }]] }, { op: 'flatten' }],
      /different masks.*layers\[0\]/s,
    ],
  ])('%s', (_, shape, layers, message) => {
    expect(() => derive(network({ input: { shape, masked: true }, layers }), 'ntk')).toThrow(message);
  });
});
