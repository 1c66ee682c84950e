import { describe, expect, it } from 'vitest';
import { parseScalar } from '../../../ir/scalar/index.ts';
import { pieceMoments } from './moments.ts';
import { neuronKernel } from './neuron.ts';
import { smoothMoments } from './quadrature.ts';
import { smoothTable } from './smoothTable.ts';

const x = [
  [0.8, 0.16, -0.24],
  [-0.24, 0.72, 0.32],
  [0.16, -0.4, 0.88],
  [0.48, 0.56, 0.64],
];
const covariance = (rows: readonly (readonly number[])[]) =>
  Float64Array.from(rows.flatMap((a) => rows.map((b) => a.reduce((sum, v, i) => sum + v * b[i]!, 0))));
const patterns = neuronKernel(4).map(({ factors }) => factors.map(({ at, fn, order }) => ({ slot: at, fn, order })));

describe('smoothMoments', () => {
  for (const [name, rows] of [
    ['four inputs in three dimensions', x],
    ['equal inputs', [x[0]!, x[0]!, x[2]!, x[0]!]],
    ['an input that is zero', [x[0]!, x[1]!, [0, 0, 0], x[3]!]],
  ] as const)
    it(`agrees with the calculus for erf, ${name}`, () => {
      const s = covariance(rows);
      const byCalculus = pieceMoments(
        [
          { coefficient: 2, piece: { kind: 'step', degree: 0 } },
          { coefficient: -1, piece: { kind: 'power', degree: 0 } },
        ],
        0.5,
        s,
      );
      const byQuadrature = smoothMoments(parseScalar('erf(x)', ['x']), s);
      // A change of 1e-7 is accepted of the wider spacing: 1e-9.8 of the finer; tables to 1e-12.
      for (const factors of patterns)
        expect(Math.abs(byQuadrature(factors, 1) - byCalculus(factors, 1))).toBeLessThan(1e-9);
    });
});

describe('smoothTable', () => {
  it('reads E f(m + std·z) between its nodes', () => {
    const read = smoothTable([Math.cos, (u) => u * u * u], 0.7, 6)!;
    const out = new Float64Array(2);
    for (const m of [-6, -0.123, 0, 1.7, 5.9999]) {
      read(m, out);
      expect(Math.abs(out[0]! - Math.cos(m) * Math.exp(-0.245))).toBeLessThan(1e-11);
      expect(Math.abs(out[1]! - (m ** 3 + 3 * m * 0.49))).toBeLessThan(1e-9);
    }
  });

  it('is undefined for what no table of its size resolves', () => {
    expect(smoothTable([Math.sign], 0, 3)).toBeUndefined();
    expect(smoothTable([Math.log], 0, 3)).toBeUndefined();
  });
});
