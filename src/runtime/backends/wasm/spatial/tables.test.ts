import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostPoints } from '../../../../codegen/targets/wasm/spatial/combine.ts';
import { dualActivation, type SampleExpansion } from '../../../../ir/gaussian/index.ts';
import { intervalsTried, Pieces } from './pieces.ts';
import { type Combine, expanded, fillTable, type TableShape, tableSize } from './tables.ts';

const tanh = {
  phi: Math.tanh,
  dphi: (x: number) => 1 - Math.tanh(x) ** 2,
  kinks: [],
  tolerance: 1e-10,
  maxDegree: 512,
};
const kinked = {
  ...tanh,
  phi: (x: number) => Math.max(x, 0) + Math.sin(x),
  dphi: (x: number) => +(x > 0) + Math.cos(x),
  kinks: [0],
};

/** What the function of the module does. */
const combineIn = (v: Float64Array, at: number): Combine => ({
  at,
  run: (weights, coefficients, out, points, count, adds) => {
    for (let p = 0; p < count; p++)
      for (let lane = 0; lane < 8; lane++) {
        let sum = adds ? (v[out / 8 + 8 * p + lane] as number) : 0;
        for (let k = 0; k < points; k++)
          sum += (v[coefficients / 8 + p * points + k] as number) * (v[weights / 8 + 8 * k + lane] as number);
        v[out / 8 + 8 * p + lane] = sum;
      }
  },
});

/** Entry [i][m] of a table: coefficient first + m·step of position i. */
function tableOf(pieces: Pieces, qs: Float64Array, shape: Omit<TableShape, 'at'>): readonly Float64Array[] {
  const size = tableSize(shape.extents, shape.terms);
  const v = new Float64Array(size + 24 * 8 + 24 * shape.terms).fill(7);
  fillTable(v, expanded(pieces, qs), { ...shape, at: 0 }, combineIn(v, size));
  const width = shape.extents.at(-1) as number;
  return Array.from(qs, (_, i) => {
    const block = Math.floor(i / width) * Math.ceil(width / 8) + Math.floor((i % width) / 8);
    return Float64Array.from(
      { length: shape.terms },
      (_, m) => v[(block * shape.terms + m) * 8 + ((i % width) % 8)] as number,
    );
  });
}

describe.each([
  ['tanh', tanh],
  ['a formula with a kink', kinked],
])('coefficients of %s', (_, spec) => {
  const pieces = new Pieces(dualActivation, spec);
  const direct = dualActivation({ ...spec, tolerance: 0 });

  it('are those of each variance, in every order, whatever else is in the table', () => {
    const variances = fc.array(fc.double({ min: 1e-3, max: 8, noNaN: true }), { minLength: 33, maxLength: 33 });
    fc.assert(
      fc.property(variances, fc.constantFrom(0, 1), ([zero, ...rest], order) => {
        const qs = Float64Array.of((zero as number) > 4 ? 0 : 1, ...rest);
        const own = expanded(pieces, qs);
        const shape = { extents: [3, 11], order, first: 0, step: 1, terms: own.orders[order]?.degree as number };
        const table = tableOf(pieces, qs, shape);
        for (const i of [0, 8, 10, 11]) {
          const at = direct.prepare(qs.subarray(i, i + 1));
          const { coefficients, second } = (order === 0 ? at.value : at.slope) as SampleExpansion['value'];
          const scale = Math.sqrt(second[0] as number) || 1;
          // Interpolation resolves 1e-13 of √E φ².
          table[i]?.forEach((a, p) => void expect(Math.abs(a - (coefficients[p] ?? 0)) / scale).toBeLessThan(1e-12));
          expect((order === 0 ? own.at.value : own.at.slope)?.second[i]).toBeCloseTo(second[0] as number, 11);
        }
      }),
      { numRuns: 2 },
    );
  });
});

it('a piece has no more points than there is room for', () =>
  expect(Math.max(...intervalsTried)).toBeLessThan(mostPoints));

it('every other coefficient of an odd formula is enough, and tables may be longer than they need', () => {
  const pieces = new Pieces(dualActivation, tanh);
  const qs = Float64Array.of(0.5, 1, 2);
  const all = tableOf(pieces, qs, { extents: [3], order: 0, first: 0, step: 1, terms: 200 });
  const odd = tableOf(pieces, qs, { extents: [3], order: 0, first: 1, step: 2, terms: 100 });
  expect(odd.map((row) => [...row])).toEqual(all.map((row) => [...row].filter((_, p) => p % 2 === 1)));
});

it('the same variance has the same coefficients beside others', () => {
  const [alone, beside] = [Float64Array.of(1.3), Float64Array.of(0.01, 1.3, 7)].map((qs) =>
    tableOf(new Pieces(dualActivation, tanh), qs, { extents: [qs.length], order: 0, first: 1, step: 2, terms: 40 }),
  );
  expect(beside?.[1]).toEqual(alone?.[0]);
});

it('a variance without an expansion is refused', () => {
  const growing = {
    ...tanh,
    phi: (x: number) => Math.exp((x * x) / 8),
    dphi: (x: number) => (x / 4) * Math.exp((x * x) / 8),
  };
  const pieces = new Pieces(dualActivation, growing);
  expect(expanded(pieces, Float64Array.of(1)).at.value.second[0]).toBeCloseTo(Math.SQRT2, 10); // 1/√(1 − q/2)
  expect(() => expanded(pieces, Float64Array.of(1, 2.1))).toThrow('does not converge at variance 2.1');
  expect(() => expanded(pieces, Float64Array.of(Number.NaN))).toThrow('NaN is not a variance');
});
