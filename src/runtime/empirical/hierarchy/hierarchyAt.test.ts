import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../../errors.ts';
import { forward } from '../forward.ts';
import { empiricalNtk } from '../kernels.ts';
import { initialise, parametersFromJson } from '../parameters.ts';
import { joined, mlp, residual } from '../programs.fixture.ts';
import { normals } from '../random.ts';
import { moved, readOracle, slopeAt } from './hierarchy.fixture.ts';
import { hierarchyAt } from './hierarchyAt.ts';

const silu = 'x/(1+exp(-x))';
const cubic = '0.2 + x - 0.3*x^2 + 0.1*x^3';

describe('K2 to K5 against nested jax.jvp (oracle hierarchy)', () => {
  const cases = [
    { name: 'two-layer-relu', phi: 'max(x, 0)', wStd: 1.4, bStd: 0 },
    { name: 'two-layer-tanh', phi: 'tanh(x)', wStd: 1, bStd: 0 },
    { name: 'two-layer-erf-bias', phi: 'erf(x)', wStd: 1.3, bStd: 0.4 },
    { name: 'three-layer-silu', phi: silu, wStd: 1.2, bStd: 0.2 },
    { name: 'three-layer-polynomial', phi: cubic, wStd: 0.9, bStd: 0.2 },
    { name: 'four-layer-sin', phi: 'sin(x)', wStd: 1.1, bStd: 0.3 },
  ];
  it.each(cases)('$name', ({ name, ...options }) => {
    const oracle = readOracle(name);
    const program = mlp({ widths: oracle.widths, ...options });
    const parameters = parametersFromJson(oracle.parameters, program);
    const tuples = oracle.values.map(({ indices }) => indices);
    const values = hierarchyAt(program, parameters, Float64Array.from(oracle.x.flat()), oracle.x.length, tuples);
    expect(new Set(tuples.map(({ length }) => length)).size).toBeGreaterThan(2);
    // Issue 4 asks for 1e-9 relative. Both sides are float64 sums of some hundreds of products.
    oracle.values.forEach(({ value }, k) => {
      expect(Math.abs(values[k]! - value), `tuple ${tuples[k]}`).toBeLessThanOrEqual(1e-12 * Math.abs(value));
    });
  });
});

const N = 4;
const D = 3;
const x = normals(N * D, 1, 5);
const sample = (i: number) => x.subarray(i * D, (i + 1) * D);
const networks = [
  ['deep', mlp({ widths: [D, 5, 4, 1], phi: 'tanh(x)', wStd: 1.3, bStd: 0.4 })],
  ['branches', residual(D, 4, silu)],
  ['standard parameterisation', residual(D, 4, 'sin(x)', true)],
  ['product, mean, concatenation', joined(D, 3, 'sin(x)')],
] as const;

describe.each(networks)('%s', (_, program) => {
  const parameters = initialise(program, 3);
  const at = (theta: typeof parameters, ...tuple: readonly number[]) => hierarchyAt(program, theta, x, N, [tuple])[0]!;
  const along = (i: number, t: number) => moved(program, parameters, sample(i), t);
  /** Truncation is step⁴/30 times the fifth derivative along the gradient (K7, up to 1e6): 3e-10. Rounding 1e-15·20/step: 1e-10. */
  const STEP = 3e-4;
  const DIGITS = 8;

  it('K2 is the empirical NTK', () => {
    const { ntk } = empiricalNtk(program, parameters, x, N, undefined, undefined, { outputs: [0] });
    const pairs = Array.from({ length: N * N }, (_, k) => [Math.floor(k / N), k % N]);
    const values = hierarchyAt(program, parameters, x, N, pairs);
    // Rounding of sums of tens of terms of order 1.
    expect([...values]).toEqual([...ntk].map((value) => expect.closeTo(value, 11)));
  });

  it('K3 is the change of the empirical NTK along a gradient', () => {
    for (const [a, b, c] of [
      [0, 1, 2],
      [1, 1, 0],
      [2, 0, 2],
    ] as const) {
      const ntk = (t: number) => empiricalNtk(program, along(c, t), x, N, undefined, undefined, { outputs: [0] }).ntk;
      const slope = slopeAt((t) => ntk(t)[a * N + b]!, STEP);
      expect(at(parameters, a, b, c)).toBeCloseTo(slope, DIGITS);
    }
  });

  it('K4, K5 and K6 are the change of the order before along a gradient', () => {
    for (const tuple of [
      [0, 1, 2, 3],
      [2, 2, 0, 2],
      [3, 0, 1, 2, 0],
      [1, 3, 3, 1, 2, 0],
    ]) {
      const slope = slopeAt((t) => at(along(tuple.at(-1)!, t), ...tuple.slice(0, -1)), STEP);
      // Relative: as above, and rounding of K5 (hundreds of terms) over the step.
      expect(at(parameters, ...tuple) / slope).toBeCloseTo(1, 6);
    }
  });
});

describe('symmetries', () => {
  const program = residual(D, 4, 'sin(x)');
  const parameters = initialise(program, 9);
  const at = (...tuple: readonly number[]) => hierarchyAt(program, parameters, x, N, [tuple])[0]!;
  const index = fc.integer({ min: 0, max: N - 1 });

  it('K_r is invariant under a swap of its first two arguments', () => {
    fc.assert(
      fc.property(fc.array(index, { minLength: 2, maxLength: 5 }), ([a = 0, b = 0, ...rest]) => {
        const [one, other] = [at(a, b, ...rest), at(b, a, ...rest)];
        // The same trees in another order: rounding of at most 24 terms.
        expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-13 * (1 + Math.abs(one)));
      }),
    );
  });

  it('K3 has no other symmetry: its three cyclic values are independent', () => {
    // With T(a; b c) = ∇f_b·∇²f_a·∇f_c: K3(a,b,c) = T(a;bc) + T(b;ac), so the three values give back the three T.
    const values = [at(0, 1, 2), at(1, 2, 0), at(2, 0, 1)] as const;
    const [first, second, third] = values;
    for (const difference of [first - second, second - third, third - first])
      expect(Math.abs(difference)).toBeGreaterThan(1e-3);
    const output = (s: number, t: number) => {
      // Both gradients at the same θ, so that the mixed difference is ∇f_1·∇²f_0·∇f_2.
      const [p, q] = [moved(program, parameters, sample(1), s), moved(program, parameters, sample(2), t)];
      const both = p.map(({ W, b }, l) => ({
        W: W.map((value, k) => value + q[l]!.W[k]! - parameters[l]!.W[k]!),
        ...(b && { b: b.map((value, k) => value + q[l]!.b![k]! - parameters[l]!.b![k]!) }),
      }));
      return forward(program, both, sample(0), 1).at(-1)![0]!;
    };
    const mixed = slopeAt((s) => slopeAt((t) => output(s, t), 1e-3), 1e-3);
    // Rounding 1e-16 / step² = 1e-10, truncation step⁴ = 1e-12, times values of order 10.
    expect((first + third - second) / 2).toBeCloseTo(mixed, 8);
  });

  it('K4 is not symmetric in its last two arguments', () => {
    expect(Math.abs(at(0, 1, 2, 3) - at(0, 1, 3, 2))).toBeGreaterThan(1e-3);
  });
});

describe('hierarchyAt', () => {
  const program = residual(D, 4, 'tanh(x)');
  const parameters = initialise(program, 1);

  it('does not depend on what is remembered, nor on the other tuples', () => {
    const tuples = [
      [0, 1],
      [3, 2, 1, 0, 3],
      [2, 2, 2],
      [0, 1],
      [1, 2, 3, 3],
    ];
    const together = hierarchyAt(program, parameters, x, N, tuples);
    expect([...hierarchyAt(program, parameters, x, N, tuples, { memoryLimitBytes: 0 })]).toEqual([...together]);
    expect(tuples.map((tuple) => hierarchyAt(program, parameters, x, N, [tuple])[0])).toEqual([...together]);
  });

  it('tells its progress', () => {
    const told: number[][] = [];
    const tuples = Array.from({ length: 100 }, () => [0, 1]);
    hierarchyAt(program, parameters, x, N, tuples, { onProgress: (done, total) => told.push([done, total]) });
    expect(told.length).toBeGreaterThan(1);
    expect(told.every(([done = 0, total]) => done < 100 && total === 100)).toBe(true);
  });

  it('takes an output unit', () => {
    const { ntk } = empiricalNtk(program, parameters, x, N, undefined, undefined, { outputs: [1] });
    // Rounding.
    expect(hierarchyAt(program, parameters, x, N, [[1, 3]], { output: 1 })[0]).toBeCloseTo(ntk[N + 3]!, 11);
  });

  it('takes derivatives of ReLU pointwise', () => {
    const relu = mlp({ widths: [D, 6, 1], phi: 'max(x, 0)' });
    const theta = initialise(relu, 2);
    const slope = slopeAt((t) => empiricalNtk(relu, moved(relu, theta, sample(2), t), x, N).ntk[1]!, 1e-5);
    // No kink within the step, and K2 is a polynomial of degree 4 in t there: rounding 1e-16 / 1e-5.
    expect(hierarchyAt(relu, theta, x, N, [[0, 1, 2]])[0]).toBeCloseTo(slope, 9);
  });

  it.each([
    ['no tuples', [], /no tuples.*At tuples/],
    ['a short tuple', [[0, 1], [2]], /length 1.*tuples\[1\]/],
    ['a sample that is not there', [[0, N]], /no sample 4.*tuples\[0\]\[1\].*0 to 3/],
    ['a fraction', [[0, 0.5]], /not the index.*tuples\[0\]\[1\]/],
    ['an order too large', [[0, 1, 2, 3, 0, 1, 2, 3, 0]], /K9.*40320 terms.*tuples\[0\].*at most order 8/],
  ])('refuses %s', (_, tuples, message) => {
    const run = () => hierarchyAt(program, parameters, x, N, tuples);
    expect(run).toThrow(NtkcError);
    expect(run).toThrow(message);
  });

  it('refuses an output that is not there, and values that are not finite', () => {
    expect(() => hierarchyAt(program, parameters, x, N, [[0, 1]], { output: 2 })).toThrow(/no output unit 2/);
    const root = mlp({ widths: [1, 1], phi: 'x' });
    const kink = mlp({ widths: [1, 1, 1], phi: 'x^1.5' });
    const theta = [{ W: Float64Array.of(1) }, { W: Float64Array.of(1) }];
    expect(hierarchyAt(root, theta.slice(1), Float64Array.of(2), 1, [[0, 0]])[0]).toBe(4);
    expect(() => hierarchyAt(kink, theta, Float64Array.of(0), 1, [[0, 0, 0, 0]])).toThrow(
      /K4 is not finite.*tuples\[0\]/,
    );
  });
});
