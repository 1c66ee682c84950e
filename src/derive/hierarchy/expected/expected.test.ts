import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../../ir/arch/index.ts';
import { evaluateProgram } from '../../../ir/program/index.ts';
import { dense, elementwise, erf, gelu, network, relu, sin } from '../../../ops/vocabulary.ts';
import { derive } from '../../index.ts';
import { type ExpectedOptions, twoLayerExpectedHierarchy } from './index.ts';

interface Oracle {
  readonly x: number[][];
  readonly values: { readonly indices: number[]; readonly value: number }[];
  readonly limits: { readonly values: { readonly indices: number[]; readonly value: number }[] };
}
const oracle: Oracle = JSON.parse(
  readFileSync(new URL('../../../../test/oracle/hierarchy/expected-k4-relu.json', import.meta.url), 'utf8'),
);

type Gains = NonNullable<Parameters<typeof dense>[0]>;

/** f = a·φ(Wx)/√m without the 1/√d of the parameterization, unless given otherwise. */
const twoLayer = (layer: LayerInput, d: number, first: Gains = {}, last: Gains = {}) =>
  network({ input: { shape: [d] }, layers: [dense({ wStd: Math.sqrt(d), ...first }), layer, dense(last)] });
const at = (
  layer: LayerInput,
  x: readonly (readonly number[])[],
  tuple: readonly number[],
  options?: ExpectedOptions,
) => twoLayerExpectedHierarchy(twoLayer(layer, x[0]!.length), x, [tuple], options)[0]!;

const x4 = [
  [1, 0.2, -0.3, 0.1],
  [-0.3, 0.9, 0.4, 0.5],
  [0.2, -0.5, 1.1, -0.2],
  [0.6, 0.7, 0.8, 0.3],
];

describe('twoLayerExpectedHierarchy of ReLU', () => {
  it('has the golden values', () => {
    const got = twoLayerExpectedHierarchy(
      twoLayer(relu(), 8),
      oracle.x,
      oracle.values.map(({ indices }) => indices),
    );
    expect(oracle.values.length).toBe(6);
    oracle.values.forEach(({ value }, i) => {
      // The bound asked for is 1e-8; both sides are float64 and a one-dimensional integral to 1e-14.
      expect(Math.abs(got[i]! / value - 1)).toBeLessThan(1e-12);
    });
  });

  it('has the golden limits at α = β, as good as they were extrapolated', () => {
    for (const { indices, value } of oracle.limits.values)
      expect(Math.abs(at(relu(), oracle.x, indices) - value)).toBeLessThan(1e-4);
  });

  it('tends to its value at parallel α and β, linearly and from every side', () => {
    const directions = [
      [0.3, -0.2, 0.5, 0.7],
      [-0.6, 0.1, 0.2, 0.4],
      [0.2, 0.8, -0.3, 0.1],
    ];
    for (const layer of [relu(), elementwise('max(x,0)-0.3*min(x,0)')])
      for (const c of [1, 2.5, -1, -0.7]) {
        const near = (e: readonly number[]) => [x4[0]!, x4[0]!.map((v, k) => c * v + e[k]!), x4[2]!, x4[3]!];
        const limit = at(layer, near([0, 0, 0, 0]), [0, 1, 2, 3]);
        for (const d of directions)
          for (const eps of [1e-3, 1e-4]) {
            const value = at(layer, near(d.map((v) => eps * v)), [0, 1, 2, 3]);
            // Slopes of this size; a wrong term would leave a constant or diverge like 1/eps.
            expect(Math.abs(value - limit)).toBeLessThan(3 * eps);
          }
      }
  });

  it('is homogeneous of degree one in each input: ReLU is, and every input occurs once', () => {
    const scaled = x4.map((row, i) => (i === 2 ? row.map((v) => 3 * v) : row));
    expect(at(relu(), scaled, [0, 1, 2, 3]) / at(relu(), x4, [0, 1, 2, 3])).toBeCloseTo(3, 10);
  });

  it('is zero where an input is zero, as in the limit', () => {
    const near = (t: number) => x4.map((row, i) => (i === 1 ? row.map((v) => t * v) : row));
    expect(at(relu(), near(0), [0, 1, 2, 3])).toBe(0);
    expect(at(relu(), near(1e-6), [0, 1, 2, 3]) / at(relu(), x4, [0, 1, 2, 3])).toBeCloseTo(1e-6, 12);
    const ntk = twoLayerExpectedHierarchy(twoLayer(relu(), 4, {}, { bStd: 0.5 }), near(0), [[0, 1]]);
    expect(ntk[0]).toBe(0.25);
  });

  it('is symmetric in its first two inputs, and not in its last two', () => {
    expect(at(relu(), x4, [1, 0, 2, 3])).toBeCloseTo(at(relu(), x4, [0, 1, 2, 3]), 13);
    expect(Math.abs(at(relu(), x4, [0, 1, 3, 2]) - at(relu(), x4, [0, 1, 2, 3]))).toBeGreaterThan(1e-3);
  });

  it('computes all tuples of ten inputs, but for the coincident ones', () => {
    const x = [...oracle.x, ...oracle.x.slice(0, 4).map((row) => row.map((v, k) => Math.sin(3 * v + k)))];
    const ten = x.map((_, i) => i);
    const all = ten.flatMap((a) => ten.flatMap((b) => ten.flatMap((c) => ten.map((d) => [a, b, c, d]))));
    const values = twoLayerExpectedHierarchy(twoLayer(relu(), 8), x, all, { coincident: 'exclude' });
    // 10·9·8·7 of distinct inputs, 10·9·8 with α = β.
    expect(values.filter((v) => v !== 0).length).toBe(5040 + 720);
  });
});

describe('twoLayerExpectedHierarchy of order 2 and odd orders', () => {
  it('is the NTK, with biases, standard deviations and either parameterization of the first layer', () => {
    const cases: readonly [LayerInput, Gains, Gains][] = [
      [relu(), { wStd: 1.3, bStd: 0.4 }, { wStd: 0.8, bStd: 0.6 }],
      [erf(), { wStd: 1.3, bStd: 0.4 }, { wStd: 0.8 }],
      [gelu(), {}, { bStd: 0.3 }],
      [sin({ frequency: 0.7, phase: 0.3 }), { wStd: 2 }, {}],
      [relu(), { wStd: 1.3, bStd: 0.4, parameterization: 'standard' }, { wStd: 0.8 }],
      [erf(), { width: 64 }, { wStd: 0.8, bStd: 0.6, parameterization: 'standard' }],
    ];
    for (const [layer, first, last] of cases) {
      const net = twoLayer(layer, 4, first, last);
      const { program } = derive(net, 'ntk');
      const [same, other] = twoLayerExpectedHierarchy(net, x4, [
        [1, 1],
        [0, 3],
      ]);
      expect(same! / evaluateProgram(program, x4[1]!).get('ntk')! - 1).toBeCloseTo(0, 12);
      expect(other! / evaluateProgram(program, x4[0]!, x4[3]!).get('ntk')! - 1).toBeCloseTo(0, 12);
    }
  });

  it('is zero for odd orders', () => {
    expect([
      ...twoLayerExpectedHierarchy(twoLayer(relu(), 4), x4, [
        [0, 1, 2],
        [0, 1, 2, 3, 0],
      ]),
    ]).toEqual([0, 0]);
  });
});

describe('twoLayerExpectedHierarchy scales', () => {
  it('with the gains of both layers', () => {
    const base = at(erf(), x4, [0, 1, 2, 3]);
    const doubled = twoLayerExpectedHierarchy(twoLayer(erf(), 4, {}, { wStd: 2, bStd: 1 }), x4, [[0, 1, 2, 3]])[0]!;
    expect(doubled / base).toBeCloseTo(16, 10);
    const wide = twoLayerExpectedHierarchy(twoLayer(relu(), 4, { wStd: 4 }), x4, [[0, 1, 2, 3]])[0]!;
    const doubledInputs = x4.map((row) => row.map((v) => 2 * v));
    expect(wide / at(relu(), doubledInputs, [0, 1, 2, 3])).toBeCloseTo(1, 10);
  });

  it('as if a bias were one more input', () => {
    const withBias = twoLayerExpectedHierarchy(twoLayer(relu(), 4, { bStd: 0.7 }), x4, [[0, 1, 2, 3]])[0]!;
    const longer = x4.map((row) => [...row, 0.7]);
    expect(withBias / at(relu(), longer, [0, 1, 2, 3])).toBeCloseTo(1, 12);
  });
});
