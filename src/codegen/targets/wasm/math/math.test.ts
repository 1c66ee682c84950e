/** The error of every function of the wasm target, in units of the last place, against 60 digits. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as exact from '../../../../../scripts/highPrecision.ts';
import { polynomialsFile, polynomialsText } from '../../../../../scripts/polynomials.ts';
import { evaluateLanes, LaneBuilder } from '../../../../ir/loop/index.ts';
import { scalarFunction, scalarFunctions } from '../../../../ir/scalar/index.ts';
import { applyLanes } from '../lanes.fixture.ts';
import { expandCalls } from '../lanes.ts';
import { laneFunctions } from './index.ts';

const count = 1200;
const { one, fixed, over, times } = exact;

/** Points of [from, to]: evenly spaced, and as many spaced evenly in the exponent where `smallest` is given. */
function points(from: number, to: number, smallest?: number): readonly number[] {
  const spread = (i: number) => (i + ((i * 0.6180339887) % 1)) / count;
  const even = Array.from({ length: count }, (_, i) => from + (to - from) * spread(i));
  if (smallest === undefined) return even;
  const sizes = Array.from({ length: count }, (_, i) => smallest * (to / smallest) ** spread(i));
  return [...even, ...sizes, ...(from < 0 ? sizes.map((v) => -v) : [])];
}
/** The neighbourhood of a point where a formula changes. */
const around = (...centres: readonly number[]) =>
  centres.flatMap((c) => Array.from({ length: 41 }, (_, i) => c * (1 + (i - 20) * 2 ** -52)));

interface Case {
  /** Largest error found, rounded up. */
  readonly ulp: number;
  readonly domain: string;
  readonly x: readonly number[];
  readonly exact: (x: bigint) => bigint;
}
const half = one / 2n;
const quarters = [1, 2, 3, 4, 5, 7, 1000, 123457].map((k) => (k * Math.PI) / 4);

/** The table: what documents may quote. */
const table: Readonly<Record<string, Case>> = {
  exp: { ulp: 1, domain: 'all', x: [...points(-100, 709.78), ...points(-1, 1, 1e-20)], exact: exact.exp },
  log: {
    ulp: 1,
    domain: 'x > 0',
    x: [...points(1e-6, 4, 1e-20), ...points(1, 1e30, 1), ...around(1, Math.SQRT1_2, Math.SQRT2)],
    exact: exact.log,
  },
  sin: {
    ulp: 1,
    domain: '|x| ≤ 10⁶',
    x: [...points(-10, 10, 1e-20), ...points(-1e6, 1e6), ...around(...quarters)],
    exact: exact.sin,
  },
  cos: {
    ulp: 1,
    domain: '|x| ≤ 10⁶',
    x: [...points(-10, 10, 1e-20), ...points(-1e6, 1e6), ...around(...quarters)],
    exact: exact.cos,
  },
  tan: {
    ulp: 2,
    domain: '|x| ≤ 10⁶',
    x: [...points(-10, 10, 1e-20), ...points(-1e6, 1e6)],
    exact: (x) => over(exact.sin(x), exact.cos(x)),
  },
  tanh: {
    ulp: 2,
    domain: 'all',
    x: [...points(-23, 23, 1e-20), ...points(-1, 1)],
    exact: (x) => over(exact.expm1(2n * x), exact.expm1(2n * x) + 2n * one),
  },
  sinh: {
    ulp: 2,
    domain: 'all',
    x: [...points(-30, 30, 1e-20), ...points(-710.4, 710.4), ...around(22)],
    exact: (x) => (exact.expm1(x) - exact.expm1(-x)) / 2n,
  },
  cosh: {
    ulp: 1.2,
    domain: 'all',
    x: [...points(-30, 30, 1e-20), ...points(-710.4, 710.4)],
    exact: (x) => (exact.exp(x) + exact.exp(-x)) / 2n,
  },
  asin: { ulp: 2, domain: 'all, ±1 beyond ±1', x: [...points(-1, 1, 1e-20), ...around(0.5)], exact: exact.asin },
  atan: {
    ulp: 1.4,
    domain: 'all',
    x: [...points(-3, 3, 1e-20), ...points(-1e6, 1e6, 1), ...around(1, Math.SQRT2 - 1, Math.SQRT2 + 1)],
    exact: exact.atan,
  },
  erf: { ulp: 1.5, domain: 'all', x: [...points(-6.5, 6.5, 1e-20), ...around(1, 6)], exact: exact.erf },
};

const padded = (x: readonly number[]) =>
  Float64Array.from([...x, ...Array<number>((8 - (x.length % 8)) % 8).fill(0.5)]);
function applied(name: string, args: readonly (readonly number[])[], relaxed: boolean): Float64Array {
  const b = new LaneBuilder();
  const columns = Object.fromEntries(args.map((x, i) => [`x${i}`, padded(x)]));
  const program = b.finish([b.call(name, ...Object.keys(columns).map((column) => b.input('column', column)))]);
  return applyLanes(program, columns, { relaxed, chains: 4 }).slice(0, args[0]?.length);
}

/** |got − want| in units of the last place of want. */
function ulps(got: number, want: bigint): number {
  const nearest = exact.toNumber(want);
  if (!Number.isFinite(got)) return Number.isFinite(nearest) ? Number.POSITIVE_INFINITY : 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(nearest))) - 52);
  return nearest === 0
    ? got === 0
      ? 0
      : Number.POSITIVE_INFINITY
    : Math.abs(exact.toNumber(fixed(got) - want)) / unit;
}

describe.each([true, false])('relaxed SIMD %s', (relaxed) => {
  it.each(Object.keys(table))('%s is as close as the table says', (name) => {
    const { ulp, x, exact: f } = table[name] as Case;
    const got = applied(name, [x], relaxed);
    const errors = x.map((v, i) => ulps(got[i] as number, f(fixed(v))));
    const worst = errors.reduce((most, e, i) => (e <= (errors[most] as number) ? most : i), 0);
    expect(errors[worst], `at ${x[worst]}`).toBeLessThanOrEqual(ulp);
  });

  it('atan2 is within 1.6 units of the last place in every direction and size', () => {
    const angles = points(-Math.PI, Math.PI, 1e-12);
    for (const size of [1, 1e-150, 1e150]) {
      const [y, x] = [angles.map((a) => size * Math.sin(a)), angles.map((a) => size * Math.cos(a))];
      const got = applied('atan2', [y, x], relaxed);
      y.forEach((_, i) => {
        const [yi, xi] = [y[i] as number, x[i] as number];
        const want = exact.atan2(fixed(yi / size), fixed(xi / size));
        // Dividing by the size rounds once more: half a unit in each coordinate.
        expect(ulps(got[i] as number, want), `atan2(${yi}, ${xi})`).toBeLessThanOrEqual(size === 1 ? 1.6 : 2.7);
      });
    }
  });

  const hypotenuse = { 'y and x of either sign': 'neither', 'x not negative': 'x', 'y not negative': 'y' } as const;
  it.each(Object.entries(hypotenuse))('an angle with its hypotenuse at hand is within 3 units: %s', (_, root) => {
    const angles = points(-Math.PI, Math.PI, 1e-12);
    const [sines, cosines] = [angles.map(Math.sin), angles.map(Math.cos)];
    const [y, x] = [root === 'y' ? sines.map(Math.abs) : sines, root === 'x' ? cosines.map(Math.abs) : cosines];
    const b = new LaneBuilder();
    const lane = (name: 'x' | 'y') => {
      const input = b.input('column', name);
      // A root says that it is not negative.
      return root === name ? b.of('sqrt', b.of('mul', input, input)) : input;
    };
    const program = b.finish([b.of('angle', lane('y'), lane('x'), b.input('column', 'per'))]);
    const per = y.map((v, i) => 1 / Math.hypot(v, x[i] as number));
    const got = applyLanes(program, { y: padded(y), x: padded(x), per: padded(per) }, { relaxed, chains: 4 });
    y.forEach((v, i) => {
      const want = exact.toNumber(exact.atan2(fixed(v), fixed(x[i] as number)));
      // Of π/4 where the angle is smaller; of the angle itself where a small one keeps its digits.
      const unit = 2 ** -52 * (root === 'x' ? Math.abs(want) : Math.max(Math.PI / 4, Math.abs(want)));
      expect(Math.abs((got[i] as number) - want), `angle(${v}, ${x[i]})`).toBeLessThanOrEqual(3 * unit);
    });
  });

  it('exp underflows gradually', () => {
    const x = points(-745, -90);
    const got = applied('exp', [x], relaxed);
    x.forEach((v, i) => {
      const want = exact.toNumber(exact.exp(fixed(v) + 1000n * exact.ln2)) * 2 ** -500 * 2 ** -500;
      expect(Math.abs((got[i] as number) - want)).toBeLessThanOrEqual(Math.max(want * 2 ** -52, 5e-324));
    });
  });
});

const edges = [
  0,
  -0,
  1,
  -1,
  5e-324,
  -5e-324,
  1e-310,
  1e308,
  -1e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
];
const one1 = scalarFunctions.filter((f) => f.arity === 1).map((f) => f.name);
const periodic = ['sin', 'cos', 'tan'];

describe('at the edges', () => {
  it.each(one1)('%s takes the value of JavaScript', (name) => {
    const got = applied(name, [edges], true);
    edges.forEach((v, i) => {
      const want = periodic.includes(name) && Math.abs(v) > 1e6 ? Number.NaN : scalarFunction(name).value(v);
      const close = Math.abs((got[i] as number) - want) <= 1e-15 * Math.abs(want);
      expect(Object.is(got[i], want) || got[i] === want || close, `${name}(${v}) = ${got[i]}, not ${want}`).toBe(true);
    });
  });

  it('atan2 on the axes, at nothing, and with NaN', () => {
    const pairs = [-1, 0, 1, Number.NaN].flatMap((y) => [-1, 0, 1, Number.NaN].map((x) => [y, x] as const));
    const got = applied('atan2', [pairs.map(([y]) => y), pairs.map(([, x]) => x)], true);
    pairs.forEach(([y, x], i) => {
      const [is, want] = [got[i] as number, Math.atan2(y, x)];
      expect(Object.is(is, want) || Math.abs(is - want) < 1e-15, `atan2(${y}, ${x}) = ${is}`).toBe(true);
    });
  });

  it('max, min and select choose as JavaScript does', () => {
    const finite = edges.filter((v) => !Number.isNaN(v));
    const pairs = finite.flatMap((a) => finite.map((b) => [a, b] as const));
    for (const name of ['max', 'min'])
      applied(name, [pairs.map(([a]) => a), pairs.map(([, b]) => b)], true).forEach((v, i) => {
        const [a, b] = pairs[i] as readonly [number, number];
        expect(v === scalarFunction(name).value(a, b)).toBe(true);
      });
    expect([
      ...applied(
        'select',
        [
          [1, 0, -1],
          [2, 2, 2],
          [3, 3, 3],
        ],
        true,
      ),
    ]).toEqual([2, 3, 3]);
  });
});

it('every scalar function is spelled', () => {
  expect(Object.keys(laneFunctions).sort()).toEqual(scalarFunctions.map((f) => f.name).sort());
});

it('the polynomials are those that scripts/polynomials.ts fits', async () => {
  const { readFileSync } = await import('node:fs');
  expect(readFileSync(polynomialsFile, 'utf8')).toBe(polynomialsText());
});

it('lanes in WebAssembly without relaxed SIMD equal lanes walked in JavaScript, to the last bit', () => {
  for (const name of one1) {
    const b = new LaneBuilder();
    const program = expandCalls(b.finish([b.call(name, b.input('column', 'x'))]));
    fc.assert(
      fc.property(fc.array(fc.double(), { minLength: 8, maxLength: 8 }), (x) => {
        const got = applyLanes(program, { x: Float64Array.from(x) }, { relaxed: false, chains: 2 });
        x.forEach((v, i) => {
          const [want] = evaluateLanes(program, { row: () => 0, pair: () => 0, column: () => v });
          expect(Object.is(got[i], want), `${name}(${v}): ${got[i]}, not ${want}`).toBe(true);
        });
      }),
      { numRuns: 10 },
    );
  }
  expect(times(half, one)).toBe(half);
});
