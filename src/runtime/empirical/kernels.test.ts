import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { forward } from './forward.ts';
import { empiricalNngp, empiricalNtk, weightedNtk } from './kernels.ts';
import { initialise, type Parameters, parametersFromJson } from './parameters.ts';
import { joined, mlp, residual } from './programs.fixture.ts';
import { normals } from './random.ts';

/** J[parameter][(n o)] = ∂f_o(x_n)/∂(parameter), for each layer, by fourth-order central differences over every parameter. */
function jacobians(program: TensorProgram, parameters: Parameters, x: Float64Array, n: number) {
  const h = 1e-3;
  const output = (layer: number, key: 'W' | 'b', index: number, shift: number) => {
    const moved = parameters[layer]![key]!.slice();
    moved[index] = moved[index]! + shift;
    const changed = parameters.map((entry, l) => (l === layer ? { ...entry, [key]: moved } : entry));
    return forward(program, changed, x, n).at(-1)!;
  };
  return parameters.map((entry, layer) =>
    (['W', 'b'] as const).flatMap((key) =>
      Array.from(entry[key] ?? [], (_, index) => {
        const [up, down, farUp, farDown] = [h, -h, 2 * h, -2 * h].map((shift) => output(layer, key, index, shift));
        return up!.map((value, k) => (8 * (value - down![k]!) - (farUp![k]! - farDown![k]!)) / (12 * h));
      }),
    ),
  );
}

/** Θ[n n'] = mean over `outputs` of Σ_parameters J[n o] J[n' o]. */
function ntkFromJacobian(rows: readonly Float64Array[], n: number, width: number, outputs: readonly number[]) {
  const theta = (i: number, j: number, o: number) =>
    rows.reduce((sum, row) => sum + row[i * width + o]! * row[j * width + o]!, 0);
  return Array.from({ length: n * n }, (_, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    return outputs.reduce((sum, o) => sum + theta(i, j, o), 0) / outputs.length;
  });
}

const N = 4;
const WIDTH = 3;
const x = normals(N * WIDTH, 1, 2024);

const networks: readonly (readonly [string, TensorProgram])[] = [
  ['one layer', mlp({ widths: [WIDTH, 2], phi: 'x', wStd: 1.3, bStd: 0.4 })],
  ['ntk parameterisation', mlp({ widths: [WIDTH, 5, 4, 2], phi: 'tanh(x)', wStd: 1.3, bStd: 0.4 })],
  [
    'standard parameterisation',
    mlp({ widths: [WIDTH, 5, 4, 2], phi: 'tanh(x)', wStd: 1.3, bStd: 0.4, standard: true }),
  ],
  ['without bias', mlp({ widths: [WIDTH, 6, 5, 3, 1], phi: 'sin(x)', wStd: 1.1 })],
  ['residual', residual(WIDTH, 5, 'tanh(x)')],
  ['residual, standard', residual(WIDTH, 5, 'sin(x)', true)],
  ['product, mean, concatenation', joined(WIDTH, 4, 'tanh(x)')],
];

/**
 * Each entry of J errs by h⁴/30 · f⁽⁵⁾ ~ 1e-13 f⁽⁵⁾ and by rounding, 1e-16/h = 1e-13; sums of about a hundred products
 * of entries up to about 5 then err by up to about 1e-10.
 */
const JACOBIAN_DIGITS = 9;

describe.each(networks)('empirical NTK, %s', (_, program) => {
  const parameters = initialise(program, 5);
  const width = program.nodes.at(-1)!.width;
  const all = Array.from({ length: width }, (_, o) => o);
  const rows = jacobians(program, parameters, x, N);

  it('is J Jᵀ, layer by layer and in sum', () => {
    const { ntk, layers } = empiricalNtk(program, parameters, x, N);
    rows.forEach((layerRows, l) => {
      const expected = ntkFromJacobian(layerRows, N, width, all);
      expect([...layers[l]!]).toEqual(expected.map((value) => expect.closeTo(value, JACOBIAN_DIGITS)));
    });
    const expected = ntkFromJacobian(rows.flat(), N, width, all);
    expect([...ntk]).toEqual(expected.map((value) => expect.closeTo(value, JACOBIAN_DIGITS)));
  });

  it('takes single output units', () => {
    const last = width - 1;
    const { ntk } = empiricalNtk(program, parameters, x, N, undefined, undefined, { outputs: [last] });
    const expected = ntkFromJacobian(rows.flat(), N, width, [last]);
    expect([...ntk]).toEqual(expected.map((value) => expect.closeTo(value, JACOBIAN_DIGITS)));
  });

  it('is exactly symmetric, and a block of it for two inputs', () => {
    const { ntk, layers } = empiricalNtk(program, parameters, x, N);
    for (let i = 0; i < N; i++) for (let j = 0; j < i; j++) expect(ntk[i * N + j]).toBe(ntk[j * N + i]);
    const cross = empiricalNtk(program, parameters, x.subarray(0, WIDTH), 1, x.subarray(WIDTH), N - 1);
    // The same sums, tiled differently only in which rows meet: the same order of additions, so the same bits.
    expect([...cross.ntk]).toEqual([...ntk.subarray(1, N)]);
    expect([...cross.layers[0]!]).toEqual([...layers[0]!.subarray(1, N)]);
  });

  it('NNGP: the mean of f fᵀ over the output units', () => {
    const f = forward(program, parameters, x, N).at(-1)!;
    const expected = Array.from({ length: N * N }, (_, k) => {
      const [i, j] = [Math.floor(k / N) * width, (k % N) * width];
      return all.reduce((sum, o) => sum + f[i + o]! * f[j + o]!, 0) / width;
    });
    const nngp = empiricalNngp(program, parameters, x, N);
    // Rounding of a sum of at most three products.
    expect([...nngp]).toEqual(expected.map((value) => expect.closeTo(value, 13)));
    const cross = empiricalNngp(program, parameters, x.subarray(0, WIDTH), 1, x.subarray(WIDTH), N - 1);
    expect([...cross]).toEqual([...nngp.subarray(1, N)]);
  });
});

describe('empirical NTK against nested jax.jvp (oracle hierarchy, K2)', () => {
  interface Oracle {
    readonly widths: readonly number[];
    readonly parameters: unknown;
    readonly x: readonly (readonly number[])[];
    readonly values: readonly { readonly indices: readonly number[]; readonly value: number }[];
  }
  const cases = [
    { file: 'two-layer-tanh', phi: 'tanh(x)', wStd: 1, bStd: 0 },
    { file: 'four-layer-sin', phi: 'sin(x)', wStd: 1.1, bStd: 0.3 },
    { file: 'two-layer-erf-bias', phi: 'erf(x)', wStd: 1.3, bStd: 0.4 },
    { file: 'two-layer-relu', phi: 'max(x, 0)', wStd: 1.4, bStd: 0 },
  ];
  it.each(cases)('$file', ({ file, ...options }) => {
    const text = readFileSync(new URL(`testdata/${file}.json`, import.meta.url), 'utf8');
    const oracle = JSON.parse(text) as Oracle;
    const program = mlp({ widths: oracle.widths, ...options });
    const n = oracle.x.length;
    const parameters = parametersFromJson(oracle.parameters, program);
    const { ntk } = empiricalNtk(program, parameters, Float64Array.from(oracle.x.flat()), n);
    expect(oracle.values.length).toBeGreaterThan(3);
    for (const { indices, value } of oracle.values) {
      // Both sides float64, sums of some tens of terms of order 1; erf's own error is below 1e-13.
      expect(ntk[indices[0]! * n + indices[1]!]).toBeCloseTo(value, 12);
    }
  });
});

describe('weightedNtk', () => {
  const layers = [Float64Array.of(1, 2), Float64Array.of(10, 20)];
  it('weighs the layers', () => {
    expect([...weightedNtk(layers, [0.5, 2])]).toEqual([20.5, 41]);
  });
  it('wants one finite weight a layer', () => {
    expect(() => weightedNtk(layers, [1])).toThrow(/2 finite numbers/);
    expect(() => weightedNtk(layers, [1, Number.NaN])).toThrow(NtkcError);
  });
});

describe('what cannot be computed is refused', () => {
  const program = mlp({ widths: [WIDTH, 4, 2], phi: 'x', wStd: 1 });
  const parameters = initialise(program, 1);
  it.each([
    ['an input of another length', () => empiricalNtk(program, parameters, x, 3), /an input of 12 numbers/],
    ['a second one', () => empiricalNngp(program, parameters, x, 4, x, 3), /3 samples of 3 numbers/],
    ['a NaN', () => empiricalNngp(program, parameters, Float64Array.of(1, Number.NaN, 0), 1), /not finite.*entry 1/],
    ['overflow', () => empiricalNngp(program, parameters, Float64Array.of(1e200, 1e200, 1), 1), /not finite/],
    [
      'an output unit that is not there',
      () => empiricalNtk(program, parameters, x, 4, undefined, undefined, { outputs: [2] }),
      /no output unit 2/,
    ],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(NtkcError);
    expect(run).toThrow(message);
  });
});
