import { describe, expect, it } from 'vitest';
import { expectedHierarchy } from './derive/hierarchy/expectation.ts';
import { type ContractionOptions, expectedContraction } from './expectedContraction.ts';
import type { LayerInput } from './ir/arch/index.ts';
import { cos, dense, elementwise, erf, exp, gelu, leakyRelu, network, relu, sin } from './ops/vocabulary.ts';
import { normals } from './runtime/empirical/random.ts';

const twoLayer = (layer: LayerInput, d: number) =>
  network({ input: { shape: [d] }, layers: [dense({ bStd: 0.3 }), layer, dense({ wStd: 1.3 })] });
const inputs = (n: number, d: number, seed: number) => {
  const z = normals(n * d, 1, seed);
  return Array.from({ length: n }, (_, i) => [...z.slice(i * d, (i + 1) * d)]);
};
const weightsOf = (n: number, isSymmetric: boolean) => {
  const z = normals(n * n, 1, 9);
  return isSymmetric ? z.map((v, k) => v + z[(k % n) * n + Math.floor(k / n)]!) : z;
};
const four = (n: number) =>
  Array.from({ length: n ** 4 }, (_, k) => [3, 2, 1, 0].map((p) => Math.floor(k / n ** p) % n));

/** Tuple by tuple. */
function summed(
  net: ReturnType<typeof twoLayer>,
  x: readonly number[][],
  c: ArrayLike<number>,
  options: ContractionOptions,
) {
  const n = x.length;
  const tuples = four(n).filter(([, , k, l]) => c[k! * n + l!] !== 0);
  const kernels = expectedHierarchy(net, x, tuples, options);
  const values = new Float64Array(n * n);
  tuples.forEach(([i, j, k, l], t) => {
    values[i! * n + j!]! += c[k! * n + l!]! * kernels[t]!;
  });
  return { values, zeros: kernels.filter((v) => v === 0).length };
}

function largestError(got: ArrayLike<number>, expected: Float64Array): number {
  const scale = expected.reduce((largest, v) => Math.max(largest, Math.abs(v)), 0);
  expect(scale).toBeGreaterThan(0);
  return expected.reduce((largest, v, k) => Math.max(largest, Math.abs(v - got[k]!) / scale), 0);
}

const smooth: readonly [string, LayerInput, ContractionOptions?][] = [
  ['erf', erf()],
  ['gelu', gelu()],
  ['sin', sin({ amplitude: 1.2, frequency: 0.8, phase: 0.3 })],
  ['cos', cos()],
  ['exp', exp()],
  ['a Gaussian', elementwise('exp(-0.5*x^2)')],
  ['a polynomial', elementwise('x^3-2*x^2+0.5')],
  ['ReLU, smoothed', relu(), { smoothing: 0.4 }],
  ['leaky ReLU, smoothed', leakyRelu({ slope: 0.1 }), { smoothing: 0.4 }],
];
const kinked: readonly [string, LayerInput][] = [
  ['ReLU', relu()],
  ['leaky ReLU', leakyRelu({ slope: 0.1 })],
  ['the absolute value', elementwise('abs(x)')],
];

describe('expectedContraction is the sum over tuples', () => {
  // The two share the rules, not the arithmetic: rounding, at most 1e-3 of it cancelling.
  const rounding = 1e-12;
  for (const [name, layer, options = {}] of smooth)
    for (const isSymmetric of [true, false])
      it(`for ${name}, C ${isSymmetric ? '' : 'not '}symmetric`, async () => {
        const [n, d] = [6, 4];
        const [net, x, c] = [twoLayer(layer, d), inputs(n, d, 3), weightsOf(n, isSymmetric)];
        const { values, excluded } = await expectedContraction(net, x, c, options);
        expect(largestError(values, summed(net, x, c, options).values)).toBeLessThan(rounding);
        expect(excluded).toBe(0);
      });

  for (const [name, layer] of kinked)
    for (const isSymmetric of [true, false])
      it(`for ${name} with parallel, opposite, coplanar and zero inputs, C ${isSymmetric ? '' : 'not '}symmetric`, async () => {
        const [n, d] = [8, 4];
        const drawn = inputs(n, d, 3);
        const times = (i: number, c: number) => drawn[i]!.map((v) => c * v);
        const x = [...drawn.slice(0, 4), times(1, 2), times(2, -0.5), drawn[0]!.map((v, k) => v + drawn[3]![k]!)];
        x.push(drawn[0]!.map(() => 0));
        const c = weightsOf(n, isSymmetric);
        for (const zero of [0, 1, n, n + 2, 2 * n + 1]) c[zero] = 0;
        const net = network({ input: { shape: [d] }, layers: [dense(), layer, dense({ wStd: 1.3 })] });
        const options = { coincident: 'exclude' } as const;
        const { values, excluded } = await expectedContraction(net, x, c, options);
        const expected = summed(net, x, c, options);
        expect(largestError(values, expected.values)).toBeLessThan(rounding);
        // Zeros are what is excluded, what has a zero input, and α = −β of the odd part: none for these slopes but ReLU.
        const withZeroInput = four(n).filter((t) => t.includes(n - 1) && c[t[2]! * n + t[3]!] !== 0).length;
        if (name !== 'ReLU') expect(excluded).toBe(expected.zeros - withZeroInput);
        else expect(excluded).toBeLessThan(expected.zeros - withZeroInput);
      });

  it('for a formula without a closed form', async () => {
    const [net, x, c] = [twoLayer(elementwise('tanh(0.5*x)'), 3), inputs(2, 3, 1), weightsOf(2, false)];
    const { values } = await expectedContraction(net, x, c);
    expect(largestError(values, summed(net, x, c, {}).values)).toBeLessThan(rounding);
  });
});

describe('expectedContraction runs', () => {
  const many = 46;
  const [net, x, c] = [twoLayer(relu(), 6), inputs(many, 6, 5), weightsOf(many, true)];

  it('to the same bytes on one thread and on several, and counts every set', async () => {
    const done: number[] = [];
    const on = (threads: number) =>
      expectedContraction(net, x, c, {
        coincident: 'exclude',
        threads,
        onProgress: (sets, all) => done.push(sets / all),
      });
    const [one, two] = [await on(1), await on(2)];
    expect(two).toEqual(one);
    expect(done.filter((part) => part === 1).length).toBe(2);
    // n(n−1)(n−2)(n−3) of distinct inputs and n(n−1)(n−2) with α = β have values.
    expect(one.excluded).toBe(many ** 4 - many * (many - 1) * (many - 2) * (many - 2));
  });

  it('until it is stopped', async () => {
    const reason = new Error('enough');
    for (const threads of [1, 2]) {
      const stop = new AbortController();
      const running = expectedContraction(net, x, c, {
        coincident: 'exclude',
        threads,
        signal: stop.signal,
        onProgress: () => stop.abort(reason),
      });
      await expect(running).rejects.toBe(reason);
    }
  });
});

describe('expectedContraction refuses', () => {
  const x = inputs(3, 2, 1);
  const run = (layer: LayerInput, weights: readonly number[], options: ContractionOptions = {}) =>
    expectedContraction(twoLayer(layer, 2), x, weights, options);
  const some = [0, 1, 0, 0, 0, 0, 0, 0, 0];
  const cases: readonly [string, () => Promise<unknown>, RegExp][] = [
    ['a kink where C asks for anything', () => run(relu(), some), /α and ξ are both x\[1\]: it diverges.*exclude/],
    ['weights of another size', () => run(erf(), [1, 2]), /2 entries.*Expected 9/],
    [
      'weights that are no numbers',
      () =>
        run(
          erf(),
          some.map((v) => v / 0),
        ),
      /NaN is not.*weights\[0\]\[0\]/,
    ],
    [
      'an overflow',
      () =>
        run(
          exp(),
          some.map((v) => v * 1e308),
        ),
      /Σ C · E K4 is .*inputs 0 and/,
    ],
    ['what expectedHierarchy refuses', () => run(erf(), some, { smoothing: 0.1 }), /has none/],
  ];
  for (const [name, f, message] of cases)
    it(name, async () => {
      await expect(f()).rejects.toThrow(message);
    });

  it('nothing where C is zero', async () => {
    const { values, excluded } = await run(
      relu(),
      some.map(() => 0),
    );
    expect([...values, excluded].every((v) => v === 0)).toBe(true);
  });
});
