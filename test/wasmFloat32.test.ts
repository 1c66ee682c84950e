/** The wasm target in float32 against float64 of the same target: every op and golden network. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../src/compile.ts';
import { type CompiledKernel, gram, type Network, type NetworkInput, network } from '../src/index.ts';
import { kernelNames } from '../src/ir/program/index.ts';
import { exampleNetwork } from '../src/ops/example.ts';
import { vocabulary } from '../src/ops/vocabulary.ts';
import type { Inputs } from '../src/runtime/kernel.ts';
import { tolerances } from '../src/verify/tolerances.ts';

const { bound } = tolerances.wasmFloat32;

const both = async (net: Network, kernel: 'nngp' | 'ntk' | 'wntk' | 'layerwise' = 'ntk') =>
  [
    await compile(net, { kernel, target: 'wasm', dtype: 'float32' }),
    await compile(net, { kernel, target: 'wasm' }),
  ] as const;

/** The largest difference of two Gram matrices relative to √(K_ii K_jj). */
async function worst(narrow: CompiledKernel, wide: CompiledKernel, x: Inputs, y?: Inputs): Promise<number> {
  const [got, want] = [await gram(narrow, x, y), await gram(wide, x, y)];
  const scaleOf = async (z: Inputs) => {
    const k = y === undefined ? want : await gram(wide, z);
    return Float64Array.from({ length: z.n }, (_, i) => Math.sqrt(k[i * z.n + i] as number));
  };
  const [left, right] = [await scaleOf(x), await scaleOf(y ?? x)];
  return got.reduce((most, v, at) => {
    const scale = (left[Math.floor(at / right.length)] as number) * (right[at % right.length] as number);
    const error = v === want[at] ? 0 : Math.abs(v - (want[at] as number)) / scale;
    return error <= most ? most : error;
  }, 0);
}

/** The rows and multiples of them, so many that float32 is not left out. */
const many = (x: readonly (readonly number[])[]): Inputs => {
  const all = Array.from({ length: Math.ceil(20 / x.length) }, (_, m) =>
    x.map((row) => row.map((v) => v * (1 + m / 8))),
  );
  return { n: all.length * x.length, data: Float64Array.from(all.flat(2)) };
};
const inputs = (n: number, seed: number): Inputs => ({
  n,
  data: Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(seed + i * i)),
});

const cases = [...vocabulary.values()]
  .filter((op) => op.exampleInput === undefined)
  .flatMap((op) =>
    op.examples.map((fields) => ({ name: `${op.name} ${JSON.stringify(fields)}`, net: exampleNetwork(op, fields) })),
  );

interface Golden {
  readonly network: NetworkInput;
  readonly x1: readonly (readonly number[])[];
  readonly x2: readonly (readonly number[])[];
}
const folder = join(import.meta.dirname, 'oracle/kernels');
const goldens = readdirSync(folder)
  .filter((file) => file.startsWith('mlp-'))
  .map((file) => [file.replace('.json', ''), JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden] as const);

it('there are golden networks', () => expect(goldens.length).toBeGreaterThan(12));

it.each(goldens)('golden %s', async (_, { network: net, x1, x2 }) => {
  for (const kernel of ['nngp', 'ntk'] as const) {
    const [narrow, wide] = await both(network(net), kernel);
    expect(await worst(narrow, wide, many(x1)), kernel).toBeLessThanOrEqual(bound);
    expect(await worst(narrow, wide, many(x1), many(x2)), kernel).toBeLessThanOrEqual(bound);
  }
});

it('there are ops to test', () => expect(cases.length).toBeGreaterThan(20));

it.each(cases)('$name', async ({ net }) => {
  for (const kernel of kernelNames) {
    const [narrow, wide] = await both(net, kernel);
    expect(await worst(narrow, wide, inputs(21, 1)), kernel).toBeLessThanOrEqual(bound);
    expect(await worst(narrow, wide, inputs(21, 1), inputs(9, 2)), kernel).toBeLessThanOrEqual(bound);
  }
});

it.each(['relu', 'erf', 'sin'])(
  '%s is computed in float32: most entries differ from float64 rounded to it',
  async (op) => {
    const net = network({ input: { shape: [3] }, layers: [{ op: 'dense' }, { op }, { op: 'dense' }] });
    const [got, want] = (await Promise.all((await both(net)).map((kernel) => gram(kernel, inputs(40, 1))))) as [
      Float64Array,
      Float64Array,
    ];
    expect(got.filter((v, i) => v !== Math.fround(want[i] as number)).length).toBeGreaterThan(got.length / 3);
    expect(got.every((v) => v === Math.fround(v))).toBe(true);
  },
);

it.each([1, 20])('%s samples: tile by tile, in parts, and whole, the same numbers', async (n) => {
  const [narrow] = await both(
    network({ input: { shape: [3] }, layers: [{ op: 'dense' }, { op: 'erf' }, { op: 'dense' }] }),
  );
  const whole = await gram(narrow, inputs(n, 1), inputs(n, 2));
  expect(await gram(narrow, inputs(n, 1), inputs(n, 2), { tileRows: 64 })).toEqual(whole);
});

/** As many samples as take several tiles and two threads; near duplicates among them. */
const crowd: Inputs = {
  n: 530,
  data: Float64Array.from({ length: 3 * 530 }, (_, i) => Math.sin((i % 1500) ** 2) + (i < 1500 ? 0 : 1e-6)),
};
const near = network({ input: { shape: [3] }, layers: [{ op: 'dense' }, { op: 'relu' }, { op: 'dense' }] });
/** Norms beyond 1e9 leave all samples to float64. */
const large = (n: number, seed: number): Inputs => ({ n, data: inputs(n, seed).data.map((v) => 1e12 * v + 1e10) });

it.each([
  ['some pairs', crowd, inputs(400, 2)],
  ['every sample', large(40, 1), large(30, 2)],
] as const)(
  'an array of float32 holds the same numbers on any number of threads, %s left to float64',
  async (what, x, other) => {
    for (const threads of [1, 2])
      for (const y of [undefined, other]) {
        const [narrow, wide] = [
          await compile(near, { target: 'wasm', dtype: 'float32', threads }),
          await compile(near, { target: 'wasm' }),
        ];
        const got = await gram(narrow, x, y, { dtype: 'float32' });
        expect(got).toEqual(Float32Array.from(await gram(narrow, x, y)));
        const exact = Float32Array.from(await gram(wide, x, y));
        if (what === 'every sample') expect(got).toEqual(exact);
        else expect(got.filter((v, at) => v !== exact[at]).length).toBeGreaterThan(got.length / 10);
      }
  },
);

it.each([
  ['every sample', 20, 1],
  ['the only sample', 1, 1],
  ['the last of many samples', 20, 20],
])('a number that float32 does not hold is refused by name in an array of float32: %s', async (_, n, from) => {
  const x = inputs(n, 1);
  x.data.set(
    x.data.subarray(3 * (from - 1)).map((v) => 1e25 * v),
    3 * (from - 1),
  );
  const narrow = await compile(near, { target: 'wasm', dtype: 'float32' });
  expect((await gram(narrow, x)).at(-1)).toBeGreaterThan(1e45);
  await expect(gram(narrow, x, undefined, { dtype: 'float32' })).rejects.toThrow(
    `the kernel is Infinity at samples ${from - 1} and ${from - 1} (counted from 0)`,
  );
});
