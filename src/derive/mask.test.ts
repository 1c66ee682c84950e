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

describe('positions of branches side by side', () => {
  const first: LayerInput = { op: 'dense', wStd: 0.7, bStd: 0.3 };
  const second: LayerInput = { op: 'dense', wStd: 1.3, bStd: 0.5 };
  const concat = (...branches: readonly (readonly LayerInput[])[]): LayerInput => ({ op: 'concat', axis: 1, branches });

  it.each<readonly [string, readonly LayerInput[]]>([
    ['pooled', [concat([], [{ op: 'cos' }, he]), { op: 'globalAvgPool' }]],
    [
      'activated, then pooled',
      [concat([he], [second]), { op: 'relu' }, { op: 'dense', bStd: 0.2 }, { op: 'globalAvgPool' }],
    ],
    [
      'of three branches, summed',
      [concat([he], [second], [{ op: 'erf' }, he]), { op: 'cos' }, { op: 'globalSumPool' }],
    ],
  ])('%s: the first 4 of 6 are the network of length 4', (_, layers) => {
    const all = [he, ...layers, ...end];
    const [x, y] = [sequence(1, 4), sequence(2, 4)];
    const [masked, short] = [programOf(6, all, true), programOf(4, all)];
    for (const other of [y, undefined]) {
      const expected = evaluateProgram(short, x, other).get('ntk') ?? Number.NaN;
      // Sums in another order.
      expect(evaluateProgram(masked, padded(x, 6), other && padded(other, 6)).get('ntk')).toBeCloseTo(expected, 12);
    }
    expect(parseProgram(printProgram(masked))).toEqual(masked);
  });

  it('a convolution reads both sides of what is not there between them, by loops', () => {
    const layers = [concat([first], [second]), he, { op: 'globalAvgPool' }];
    const program = derive(network({ input: { shape: [3, channels], masked: true }, layers }), 'nngp').program;
    const [a, b] = [padded(sequence(1, 2), 3), padded(sequence(2, 3), 3)];
    const inner = (p: number, r: number) => (a.x[2 * p]! * b.x[2 * r]! + a.x[2 * p + 1]! * b.x[2 * r + 1]!) / channels;
    // Positions 0 to 2 are of the first branch, 3 to 5 of the second; the branches are independent.
    const joined = (P: number, R: number) => {
      if (P < 0 || R < 0 || P > 5 || R > 5 || Math.floor(P / 3) !== Math.floor(R / 3)) return 0;
      if (a.present[P % 3] !== 1 || b.present[R % 3] !== 1) return 0;
      return P < 3 ? 0.49 * inner(P, R) + 0.09 : 1.69 * inner(P - 3, R - 3) + 0.25;
    };
    let mean = 0;
    for (const P of [0, 1, 3, 4])
      for (const R of [0, 1, 2, 3, 4, 5]) {
        const sum = [-1, 0, 1].reduce((total, o) => total + joined(P + o, R + o), 0);
        mean += ((1.4 ** 2 / 3) * sum + 0.09) / 24;
      }
    expect(evaluateProgram(program, a, b).get('nngp')).toBeCloseTo(mean, 13);
  });
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
