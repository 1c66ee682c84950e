/** The error of every function of the wasm target in float32, in units of the last place, against float64. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { polynomialsFloat32File, polynomialsFloat32Text } from '../../../../../../scripts/polynomialsFloat32.ts';
import { LaneBuilder } from '../../../../../ir/loop/index.ts';
import { scalarFunction } from '../../../../../ir/scalar/index.ts';
import { applyLanes } from '../../lanes.fixture.ts';

const count = 4000;

/** Points of [from, to], evenly spaced, and as many spaced evenly in the exponent down to `smallest`; all of float32. */
function points(from: number, to: number, smallest = 1e-30): readonly number[] {
  const spread = (i: number) => (i + ((i * 0.6180339887) % 1)) / count;
  const even = Array.from({ length: count }, (_, i) => from + (to - from) * spread(i));
  const sizes = Array.from({ length: count }, (_, i) => smallest * (to / smallest) ** spread(i));
  return [...even, ...sizes, ...(from < 0 ? sizes.map((v) => -v) : [])].map(Math.fround);
}

interface Case {
  /** Largest error found, rounded up. */
  readonly ulp: number;
  readonly domain: string;
  readonly x: readonly number[];
}

/** The table: what documents may quote. sin, cos and tan: an error below 2^-24 does not count, however small the value. */
const table: Readonly<Record<string, Case>> = {
  exp: { ulp: 1.2, domain: 'all', x: points(-87, 88.7) },
  log: { ulp: 1.1, domain: 'x > 0', x: [...points(1e-3, 4), ...points(1, 1e30)] },
  sin: { ulp: 1.9, domain: '|x| ≤ 1000', x: [...points(-10, 10), ...points(-1000, 1000)] },
  cos: { ulp: 1.9, domain: '|x| ≤ 1000', x: [...points(-10, 10), ...points(-1000, 1000)] },
  tan: { ulp: 3, domain: '|x| ≤ 1000', x: points(-1.5, 1.5) },
  tanh: { ulp: 2.2, domain: 'all', x: points(-12, 12) },
  sinh: { ulp: 2.7, domain: 'all', x: [...points(-12, 12), ...points(-89, 89)] },
  cosh: { ulp: 1.6, domain: 'all', x: [...points(-12, 12), ...points(-89, 89)] },
  asin: { ulp: 2, domain: 'all, ±1 beyond ±1', x: points(-1, 1) },
  atan: { ulp: 2.4, domain: 'all', x: [...points(-3, 3), ...points(-1e6, 1e6)] },
  erf: { ulp: 2.3, domain: 'all', x: points(-4.5, 4.5) },
};
const periodic = ['sin', 'cos'];

const padded = (x: readonly number[]) =>
  Float64Array.from([...x, ...Array<number>((16 - (x.length % 16)) % 16).fill(0.5)]);
function applied(name: string, args: readonly (readonly number[])[], relaxed: boolean): Float64Array {
  const b = new LaneBuilder();
  const columns = Object.fromEntries(args.map((x, i) => [`x${i}`, padded(x)]));
  const program = b.finish([b.call(name, ...Object.keys(columns).map((column) => b.input('column', column)))]);
  return applyLanes(program, columns, { relaxed, chains: 4, type: 'float32' }).slice(0, args[0]?.length);
}

/** The distance of neighbours in float32 at a value. */
const unit = (value: number) => 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(value)))) - 23);
const ulps = (got: number, want: number, smallestUnit = 0) =>
  got === Math.fround(want) ? 0 : Math.abs(got - want) / Math.max(unit(want), smallestUnit);

describe.each([true, false])('relaxed SIMD %s', (relaxed) => {
  it.each(Object.keys(table))('%s is as close as the table says', (name) => {
    const { ulp, x } = table[name] as Case;
    const got = applied(name, [x], relaxed);
    const errors = x.map((v, i) =>
      ulps(got[i] as number, scalarFunction(name).value(v), periodic.includes(name) ? 2 ** -24 : 0),
    );
    const worst = errors.reduce((most, e, i) => (e <= (errors[most] as number) ? most : i), 0);
    expect(errors[worst], `at ${x[worst]}`).toBeLessThanOrEqual(ulp);
  });

  it('atan2 in every direction, and an angle with its hypotenuse at hand', () => {
    const angles = points(-Math.PI, Math.PI, 1e-7);
    const [y, x] = [angles.map((a) => Math.fround(Math.sin(a))), angles.map((a) => Math.fround(Math.cos(a)))];
    const b = new LaneBuilder();
    const inputs = ['y', 'x', 'per'].map((name) => b.input('column', name));
    const per = y.map((v, i) => 1 / Math.hypot(v, x[i] as number));
    const columns = { y: padded(y), x: padded(x), per: padded(per) };
    const [yLane, xLane, perLane] = inputs as [number, number, number];
    const program = b.finish([b.of('angle', ...inputs)]);
    const short = applyLanes(program, columns, { relaxed, chains: 4, type: 'float32' });
    // A root says that y is not negative.
    const upper = b.finish([b.of('angle', b.of('sqrt', b.of('mul', yLane, yLane)), xLane, perLane)]);
    const above = applyLanes(upper, columns, { relaxed, chains: 4, type: 'float32' });
    applied('atan2', [y, x], relaxed).forEach((got, i) => {
      const want = Math.atan2(y[i] as number, x[i] as number);
      expect(ulps(got, want), `atan2(${y[i]}, ${x[i]})`).toBeLessThanOrEqual(2.6);
      const bound = 3.2 * unit(Math.max(Math.PI / 4, Math.abs(want)));
      expect(Math.abs((short[i] as number) - want), `angle(${y[i]}, ${x[i]})`).toBeLessThanOrEqual(bound);
      expect(Math.abs((above[i] as number) - Math.abs(want)), `angle(|${y[i]}|, ${x[i]})`).toBeLessThanOrEqual(bound);
    });
  });
});

it('underflow and the ends of the range', () => {
  expect(applied('exp', [[-104, -1e30, 89, 1e30, Number.NaN]], true)).toEqual(
    Float64Array.of(0, 0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NaN),
  );
  const small = [-100, -95, -88];
  applied('exp', [small], true).forEach((got, i) => {
    expect(Math.abs(got - Math.exp(small[i] as number))).toBeLessThanOrEqual(2 ** -149);
  });
  expect([...applied('log', [[0, -1, 2 ** -149, Number.POSITIVE_INFINITY]], true)]).toEqual([
    Number.NEGATIVE_INFINITY,
    Number.NaN,
    Math.fround(-149 * Math.LN2),
    Number.POSITIVE_INFINITY,
  ]);
  expect(applied('sin', [[1001, 1e30, Number.NaN]], true).every(Number.isNaN)).toBe(true);
  expect([...applied('erf', [[1e30, -1e30, 0]], true)]).toEqual([1, -1, 0]);
  expect([...applied('tanh', [[1e30, -1e30, 0]], true)]).toEqual([1, -1, 0]);
  expect([...applied('sign', [[3, -2, 0]], true)]).toEqual([1, -1, 0]);
});

it('a root of a difference that keeps less than a twentieth of its minuend is NaN where it is watched', () => {
  const b = new LaneBuilder();
  const [x, y] = [b.input('column', 'x'), b.input('column', 'y')];
  const root = (difference: number) => b.of('sqrt', b.of('max', difference, b.constant(0)));
  const columns = { x: padded([1, 1, 1, 0]), y: padded([0.9, 0.951, 2, 0]) };
  const differences = [b.of('sub', x, y), b.of('nmadd', y, b.constant(1), x), b.of('madd', y, b.constant(-1), x)];
  for (const difference of differences) {
    const options = { relaxed: true, chains: 4, type: 'float32', watched: 'all' } as const;
    const got = applyLanes(b.finish([root(difference)]), columns, options);
    expect(got[0]).toBeCloseTo(Math.sqrt(0.1), 6);
    expect([...got.slice(1, 4)]).toEqual([Number.NaN, Number.NaN, 0]);
  }
});

it.each(['float64', 'float32'] as const)('an angle of a root that is NaN is NaN, %s', (type) => {
  const b = new LaneBuilder();
  const [x, y, per] = ['x', 'y', 'per'].map((name) => b.input('column', name)) as [number, number, number];
  const columns = { x: padded([Number.NaN]), y: padded([1]), per: padded([1]) };
  for (const smallAngles of [true, false])
    for (const args of [
      [y, b.of('sqrt', x)],
      [b.of('sqrt', x), y],
    ])
      expect(
        applyLanes(b.finish([b.of('angle', ...args, per)]), columns, {
          relaxed: true,
          chains: 4,
          type,
          smallAngles,
        })[0],
      ).toBeNaN();
});

it('the polynomials are those that scripts/polynomialsFloat32.ts fits', () => {
  expect(readFileSync(polynomialsFloat32File, 'utf8')).toBe(polynomialsFloat32Text());
});
