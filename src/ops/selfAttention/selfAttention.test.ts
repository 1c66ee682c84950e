import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import type { LayerInput } from '../../ir/arch/index.ts';
import { evaluateProgram, type KernelName, type Sample } from '../../ir/program/index.ts';
import { network } from '../vocabulary.ts';
import { root } from './embedding.ts';

const features = 3;
const dense: LayerInput = { op: 'dense', wStd: 1.1, bStd: 0.2 };
const stds = { keyStd: 1.1, queryStd: 0.7, valueStd: 0.9, outStd: 1.3, bStd: 0.4 };
const end: readonly LayerInput[] = [{ op: 'relu' }, { op: 'globalAvgPool' }, { op: 'dense', wStd: 1.2 }];
const around = (...middle: readonly LayerInput[]) => [dense, ...middle, ...end];
const attention = (fields: object): LayerInput => ({ op: 'selfAttention', ...stds, ...fields });

function kernelOf(layers: readonly LayerInput[], length: number, kernel: KernelName = 'ntk', masked?: true) {
  const input = { shape: [length, features], ...(masked && { masked }) };
  const { program } = derive(network({ input, layers }), kernel);
  return (x: readonly number[] | Sample, y?: readonly number[] | Sample) => evaluateProgram(program, x, y);
}
const ntkOf = (layers: readonly LayerInput[], length: number, masked?: true) => {
  const kernel = kernelOf(layers, length, 'ntk', masked);
  return (x: readonly number[] | Sample, y?: readonly number[] | Sample) => kernel(x, y).get('ntk') as number;
};
const sequence = (seed: number, length: number) =>
  Array.from({ length: length * features }, (_, i) => Math.sin(seed + i * i + 0.3 * i));
const [x, y] = [sequence(1, 4), sequence(2, 4)];

/** Rounding alone. */
function expectClose(a: number, b: number): void {
  expect(Math.abs(a / b - 1)).toBeLessThan(1e-12);
}

const mechanisms = [
  { mechanism: 'softmax' },
  { mechanism: 'identity' },
  { mechanism: 'relu' },
  { mechanism: 'abs' },
  { mechanism: 'identity', scaling: 'sqrt' },
];
const embeddings = [
  { posEmb: 'sum', posEmbStd: 0.6 },
  { posEmb: 'concat', posEmbStd: 1.6, posEmbDecay: 0.4, posEmbNorm: 1, posEmbValues: true },
];
const all = mechanisms.flatMap((m) => [m, ...embeddings.map((e) => ({ ...m, ...e }))]);

describe('laws of attention', () => {
  it.each(mechanisms)('%j: pooled, it does not see the order of positions, but by embeddings', (fields) => {
    const moved = [...y.slice(6), ...y.slice(0, 6)];
    const plain = ntkOf(around(attention(fields)), 4);
    expectClose(plain(x, moved), plain(x, y));
    const embedded = ntkOf(around(attention({ ...fields, ...embeddings[1] })), 4);
    expect(Math.abs(embedded(x, moved) / embedded(x, y) - 1)).toBeGreaterThan(1e-3);
  });

  it('with scores of zero it is a mean over positions and two dense layers', () => {
    const uniform = ntkOf(around(attention({ keyStd: 0 })), 4);
    // A window of length 7 with "same" padding is all of 4 positions, wherever it stands.
    const pool = { op: 'avgPool', window: [7], strides: [1], padding: 'same', normalizeEdges: true };
    const mean = ntkOf(around(pool, { op: 'dense', wStd: 0.9 }, { op: 'dense', wStd: 1.3, bStd: 0.4 }), 4);
    expectClose(uniform(x, y), mean(x, y));
    expectClose(uniform(x), mean(x));
  });

  it('of one position softmax is two dense layers, and identity over the root a product of three and one', () => {
    const [a, b] = [sequence(1, 1), sequence(2, 1)];
    const two = [
      { op: 'dense', wStd: 0.9 },
      { op: 'dense', wStd: 1.3, bStd: 0.4 },
    ];
    expectClose(ntkOf(around(attention({})), 1)(a, b), ntkOf(around(...two), 1)(a, b));
    const branches = [1.1, 0.7, 0.9].map((wStd) => [{ op: 'dense', wStd }]);
    const product = [
      { op: 'product', branches },
      { op: 'dense', wStd: 1.3, bStd: 0.4 },
    ];
    const rooted = ntkOf(around(attention({ mechanism: 'identity', scaling: 'sqrt' })), 1);
    expectClose(rooted(a, b), ntkOf(around(...product), 1)(a, b));
    expectClose(rooted(a), ntkOf(around(...product), 1)(a));
  });

  it('embeddings beside the input are embeddings added to it, at other scales', () => {
    const root2 = Math.SQRT2;
    for (const posEmbDecay of [undefined, 0.5]) {
      const fields = { posEmbStd: 0.6, posEmbValues: true, ...(posEmbDecay && { posEmbDecay }) };
      const added = ntkOf(around(attention({ ...fields, posEmb: 'sum' })), 4);
      const scaled = { keyStd: 1.1 * root2, queryStd: 0.7 * root2, valueStd: 0.9 * root2 };
      const beside = ntkOf(around(attention({ ...fields, ...scaled, posEmb: 'concat' })), 4);
      expectClose(beside(x, y), added(x, y));
    }
    // As wide as the input, in numbers or without.
    const wide = [{ ...dense, width: 5 }, attention({ posEmb: 'concat', posEmbWidth: 5 }), ...end];
    expectClose(ntkOf(wide, 4)(x, y), ntkOf(around(attention({ posEmb: 'concat' })), 4)(x, y));
  });

  it.each(all)('%j: a masked sequence is a shorter one', (fields) => {
    const [masked, short] = [ntkOf(around(attention(fields)), 6, true), ntkOf(around(attention(fields)), 4)];
    const padded = (s: readonly number[]): Sample => ({ x: [...s, 9, 9, 9, -7, 0, 7], present: [1, 1, 1, 1, 0, 0] });
    expectClose(masked(padded(x), padded(y)), short(x, y));
    expectClose(masked(padded(x)), short(x));
  });

  it.each(all)('%j: the diagonal is the pair at equal inputs, and layers add up', (fields) => {
    const layers = around(attention(fields));
    const ntk = ntkOf(layers, 4);
    // The angle of the relu is the root of a rounding error there.
    expect(Math.abs(ntk(x) / ntk(x, x) - 1)).toBeLessThan(1e-7);
    const parts = kernelOf(layers, 4, 'layerwise')(x, y);
    expect(parts.size).toBe(3);
    expectClose(
      [...parts.values()].reduce((sum, v) => sum + v, 0),
      ntk(x, y),
    );
  });
});

it('embeddings have the covariance that is asked for, nearly singular ones too', () => {
  const norm = fc.double({ min: 0.1, max: 2, noNaN: true });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 24 }),
      fc.double({ min: 1e-3, max: 4, noNaN: true }),
      norm,
      (n, decay, power) => {
        const covariance = (p: number, r: number) => Math.exp(-decay * Math.abs(p - r) ** power);
        const rows = root(n, covariance);
        rows.forEach((a, p) => {
          rows.forEach((b, r) => {
            const got = a.weights.reduce((sum, w, s) => sum + w * (b.weights[s] ?? 0), 0);
            expect(Math.abs(got - covariance(p, r))).toBeLessThan(1e-7);
          });
        });
      },
    ),
    { numRuns: 200 },
  );
});

describe('what has no kernel is refused by name', () => {
  const refusal = (layers: readonly LayerInput[], shape: readonly number[] = [4, features]) => {
    try {
      derive(network({ input: { shape }, layers }), 'nngp');
    } catch (error) {
      return (error as Error).message;
    }
    return 'accepted';
  };
  it.each([
    [around(attention({ scaling: 'sqrt' })), /softmax attention with scaling "sqrt".*layers\[1\]\.scaling.*linear/],
    [around(attention({ scaling: 'sqrt', mechanism: 'relu' })), /relu attention.*layers\[1\]/],
    [around(attention({ posEmbWidth: 3 })), /posEmbWidth with posEmb "none".*layers\[1\]\.posEmbWidth/],
    [
      around(attention({ posEmb: 'concat', posEmbWidth: 3 })),
      /no width.*layers\[1\]\.posEmbWidth.*width on the layer before/,
    ],
    [around(attention({ posEmbNorm: 3 })), /posEmbNorm is 3.*layers\[1\]\.posEmbNorm.*2/],
    [around(attention({ mechanism: 'tanh' })), /mechanism.*layers\[1\]\.mechanism.*softmax/],
    [[dense, attention({})], /ends with values at 4 positions/],
  ])('%#', (layers, pattern) => expect(refusal(layers)).toMatch(pattern));
  it('a vector', () => {
    expect(refusal([dense, attention({}), dense], [features])).toMatch(/vector.*layers\[1\].*\[length, features\]/);
  });
});
