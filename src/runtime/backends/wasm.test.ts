/** The wasm target against the reference: one program, two ways to run it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../compile.ts';
import type { LayerInput } from '../../ir/arch/index.ts';
import { type KernelName, kernelNames } from '../../ir/program/index.ts';
import { dense, network, relu } from '../../ops/vocabulary.ts';
import { formulaLayers, inputPairs, networks } from '../../testing/index.ts';
import { gram, type InputRows } from '../gram.ts';

const inputs = (n: number, d: number, seed: number) =>
  Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, c) => Math.sin(seed + 1.7 * i + i * i * (c + 1))));
const both = async (net: Parameters<typeof compile>[0], kernel: KernelName, x: InputRows, y?: InputRows) => {
  const [wasm, reference] = [
    await compile(net, { kernel, target: 'wasm' }),
    await compile(net, { kernel, target: 'reference' }),
  ];
  return Promise.all(
    reference.program.outputs.map(async (_, output) => [
      await gram(wasm, x, y, { output, tileRows: 13 }),
      await gram(reference, x, y, { output }),
    ]),
  ) as Promise<readonly (readonly [Float64Array, Float64Array])[]>;
};

/** Largest |a − b|, relative to the largest |b|: the scale of a kernel. */
function difference(a: Float64Array, b: Float64Array): number {
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 0) || 1;
  return (
    a.reduce((most, v, i) => (Math.abs(v - (b[i] as number)) <= most ? most : Math.abs(v - (b[i] as number))), 0) /
    scale
  );
}

const block = (activation: LayerInput) =>
  network({
    input: { shape: [6] },
    layers: [dense({ wStd: 1.3, bStd: 0.2 }), activation, dense({ wStd: 1.1 }), activation, dense({ bStd: 0.1 })],
  });

const closed: readonly LayerInput[] = [
  { op: 'relu' },
  { op: 'abRelu', a: -0.3, b: 0.9 },
  { op: 'erf' },
  { op: 'gelu' },
  { op: 'sin', phase: 0.3 },
  { op: 'gaussian' },
  { op: 'gabor' },
  { op: 'sign' },
  { op: 'rectifiedMonomial', degree: 2 },
  { op: 'polynomial', coefficients: [0.1, 1, 0.2] },
];

describe.each(closed)('$op', (activation) => {
  it.each(kernelNames)('%s', async (kernel) => {
    const x = inputs(21, 6, 1);
    // Inputs are apart: what differs is the order of roundings, amplified by a few layers.
    for (const y of [undefined, inputs(10, 6, 5)])
      for (const [a, b] of await both(block(activation), kernel, x, y)) expect(difference(a, b)).toBeLessThan(1e-12);
  });
});

describe('formula activations', () => {
  it('keep their tolerance, smooth or with kinks, also where a tile leaves pairs to the reference', async () => {
    const x = [...inputs(9, 6, 1), ...inputs(2, 6, 1).map((row) => row.map((v) => 1.001 * v))];
    for (const expr of ['tanh(x)', 'min(max(x, -1), 1)'])
      for (const [a, b] of await both(block({ op: 'elementwise', expr }), 'ntk', x))
        expect(difference(a, b)).toBeLessThan(2e-10);
  });

  it('random ones, where the formula itself does not overflow', async () => {
    const moderate = inputPairs(3).filter((pair) => pair.flat().every((v) => Math.abs(v) <= 10));
    const any = networks({ activations: formulaLayers, maxBlocks: 2, features: 3 });
    await fc.assert(
      fc.asyncProperty(any, moderate, async (net, [x, y]) => {
        for (const [a, b] of await both(net, 'ntk', [x, y])) expect(difference(a, b)).toBeLessThan(1e-7);
      }),
      { numRuns: 10 },
    );
  });
});

describe('random networks of closed forms', () => {
  it('on inputs that are equal, opposite, zero, huge or tiny', async () => {
    const networkAndPair = networks().chain((net) =>
      fc.tuple(fc.constant(net), inputPairs(net.input.shape[0] as number)),
    );
    await fc.assert(
      fc.asyncProperty(networkAndPair, fc.constantFrom(...kernelNames), async ([net, [x, y]], kernel) => {
        // Near equal inputs at variance q both targets lose ε·q in 1 − ρ, and an angle its root.
        const loss = 1e-6 * Math.sqrt(1 + 4 * Math.max(...[...x, ...y].map((v) => v * v)));
        for (const [a, b] of await both(net, kernel, [x, y], [y, x])) expect(difference(a, b)).toBeLessThan(loss);
        for (const [a, b] of await both(net, kernel, [x, y])) {
          expect(difference(a, b)).toBeLessThan(loss);
          expect([a[0], a[3]]).toEqual([b[0], b[3]]);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('the wasm target', () => {
  const net = network({ input: { shape: [5] }, layers: [dense({ wStd: 1.4, bStd: 0.1 }), relu(), dense()] });
  it.each([1, 3, 8, 50])('gives the same matrix to the last bit in tiles of %i rows', async (tileRows) => {
    const kernel = await compile(net, { target: 'wasm' });
    const [x, y] = [inputs(37, 5, 1), inputs(19, 5, 2)];
    expect(await gram(kernel, x, undefined, { tileRows })).toEqual(await gram(kernel, x));
    expect(await gram(kernel, x, y, { tileRows })).toEqual(await gram(kernel, x, y));
  });

  it('takes more features than a panel of rows holds', async () => {
    const wide = network({ input: { shape: [9001] }, layers: [dense(), relu(), dense()] });
    for (const [a, b] of await both(wide, 'ntk', inputs(9, 9001, 1))) expect(difference(a, b)).toBeLessThan(1e-12);
  });

  it('takes other layer weights without compiling again', async () => {
    const kernel = await compile(net, { kernel: 'wntk', target: 'wasm' });
    const x = inputs(5, 5, 1);
    const other = await compile(net, { kernel: 'wntk', layerWeights: [2, -3], target: 'reference' });
    expect(difference(await gram(kernel.withLayerWeights([2, -3]), x), await gram(other, x))).toBeLessThan(1e-14);
  });

  it('leaves what overflows to the reference, which gives or refuses it', async () => {
    const kernel = await compile(net, { target: 'wasm' });
    await expect(
      gram(kernel, [
        [1, 0, 0, 0, 0],
        [1e200, 0, 0, 0, 0],
      ]),
    ).rejects.toThrow('samples');
  });
});
