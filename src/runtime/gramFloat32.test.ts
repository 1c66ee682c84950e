import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { dense, network, relu } from '../ops/vocabulary.ts';
import { gram } from './gram.ts';

const net = network({ input: { shape: [4] }, layers: [dense({ wStd: 1.4, bStd: 0.1 }), relu(), dense()] });
const rows = (n: number, seed: number) => ({
  n,
  data: Float64Array.from({ length: 4 * n }, (_, i) => Math.sin(seed + 1.7 * i)),
});

describe('an array of float32', () => {
  it.each([
    ['reference', {}],
    ['reference', { tileRows: 5 }],
    ['wasm', {}],
    ['wasm', { tileRows: 5 }],
  ] as const)('is what %s computes in float64, rounded (%j)', async (target, options) => {
    const kernel = await compile(net, { target });
    for (const y of [undefined, rows(11, 2)]) {
      const got = await gram(kernel, rows(17, 1), y, { ...options, dtype: 'float32' });
      expect(got).toEqual(Float32Array.from(await gram(kernel, rows(17, 1), y, options)));
    }
  });

  it.each([{}, { tileRows: 5 }])('refuses a number that it does not hold (%j)', async (options) => {
    const huge = network({ input: { shape: [4] }, layers: [dense({ wStd: 1e12 }), relu(), dense({ wStd: 1e12 })] });
    const x = { n: 2, data: Float64Array.of(0, 0, 0, 0, 1, 2, 3, 4) };
    await expect(gram(await compile(huge), x, undefined, { ...options, dtype: 'float32' })).rejects.toThrow(
      'holds Infinity. At row 1, column 1',
    );
  });
});
