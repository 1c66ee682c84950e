import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countHierarchy } from '../../derive/hierarchy/explicit/index.ts';
import { hierarchyProgram } from '../../derive/hierarchy/explicit/program.ts';
import { finiteNetwork } from '../../derive/index.ts';
import type { Network } from '../../ir/arch/index.ts';
import { dense, elementwise, network, relu, sum } from '../../ops/vocabulary.ts';
import { networks } from '../../testing/index.ts';
import { hierarchyAt } from '../empirical/hierarchy/index.ts';
import { initialise, normals } from '../empirical/index.ts';
import type { EngineSamples } from './engine.ts';
import { type CompiledHierarchy, type HierarchySamples, loadHierarchy } from './index.ts';
import { loadReference } from './reference.ts';
import { loadWasm } from './wasm.ts';

interface Oracle {
  readonly network: Parameters<typeof network>[0];
  readonly widths: readonly number[];
  readonly parameters: readonly { readonly W: readonly (readonly number[])[]; readonly b: readonly number[] }[];
  readonly x: readonly (readonly number[])[];
  readonly values: readonly { readonly indices: readonly number[]; readonly value: number }[];
}

/** The golden file, the widths of its parameters written into the network. */
function readOracle(name: string) {
  const file = new URL(`../../../test/oracle/hierarchy/${name}.json`, import.meta.url);
  const oracle: Oracle = JSON.parse(readFileSync(file, 'utf8'));
  let layer = 0;
  const layers = oracle.network.layers.map((l) => (l.op === 'dense' ? { ...l, width: oracle.widths[++layer]! } : l));
  const parameters = oracle.parameters.map(({ W, b }) => ({ W: Float64Array.from(W.flat()), b: Float64Array.from(b) }));
  const x = Float64Array.from(oracle.x.flat());
  return { net: network({ ...oracle.network, layers }), parameters, x, n: oracle.x.length, values: oracle.values };
}

/** On wasm, the default, and by the reference code of the same plans. */
async function prepareBoth(kernel: CompiledHierarchy, samples: HierarchySamples): Promise<readonly EngineSamples[]> {
  expect(kernel.target).toBe('wasm');
  const reference = await loadReference(kernel.plans);
  return [await kernel.prepare(samples), await reference.prepare(samples)];
}

const every = (n: number, order: number): readonly (readonly number[])[] =>
  Array.from({ length: n ** order }, (_, k) =>
    Array.from({ length: order }, (_, at) => Math.floor(k / n ** (order - 1 - at)) % n),
  );

describe('values of another library', () => {
  it.each([
    ['two-layer-relu', [2, 3, 4]],
    ['two-layer-tanh', [2, 3, 4, 5]],
    ['two-layer-erf-bias', [2, 3, 4, 5]],
    ['three-layer-silu', [2, 3, 4]],
    ['three-layer-polynomial', [2, 3, 4]],
    ['four-layer-sin', [2, 3]],
  ] as const)('%s: one tuple and all of them', async (name, orders) => {
    const { net, parameters, x, n, values } = readOracle(name);
    const finite = finiteNetwork(net, { width: 1 });
    for (const order of orders) {
      const kernel = await loadHierarchy(hierarchyProgram(net, order, finite), { samples: n });
      const golden = values.filter(({ indices }) => indices.length === order);
      expect(golden.length).toBeGreaterThan(0);
      for (const prepared of await prepareBoth(kernel, { parameters, x, n })) {
        const one = await prepared.at(golden.map(({ indices }) => indices));
        const all = await prepared.all();
        golden.forEach(({ indices, value }, k) => {
          const at = indices.reduce((flat, index) => flat * n + index, 0);
          // Float64 on both sides, some hundred terms of either sign; the issue asks for 1e-9.
          expect(Math.abs(one[k]! - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
          expect(Math.abs(all[at]! - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
        });
      }
    }
  });
});

/** Largest |got − expected| over the largest |expected|. */
function worst(got: Float64Array, expected: Float64Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  return got.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0) / scale;
}

async function compare(net: Network, order: number, seed: number, width = 3, n = 3): Promise<void> {
  const finite = finiteNetwork(net, { width, outputs: 1 });
  const parameters = initialise(finite, seed);
  const x = normals(n * net.input.shape[0]!, 1, [seed, 1]);
  const jets = hierarchyAt(finite, parameters, x, n, every(n, order));
  const kernel = await loadHierarchy(hierarchyProgram(net, order, finite), { samples: n });
  const inner = n ** Math.max(0, order - 2);
  const weights = normals(inner, 1, [seed, 2]);
  const sums = new Float64Array(n * n).map((_, ab) =>
    weights.reduce((total, weight, g) => total + weight * jets[ab * inner + g]!, 0),
  );
  for (const prepared of await prepareBoth(kernel, { parameters, x, n })) {
    // Kernels are sums of terms of either sign that partly cancel, by factors below 100 in small networks.
    expect(worst(await prepared.all(), jets)).toBeLessThan(1e-11);
    expect(worst(await prepared.at(every(n, order)), jets)).toBeLessThan(1e-11);
    if (order > 2) expect(worst(await prepared.contracted(weights), sums)).toBeLessThan(1e-10);
  }
}

describe('against jets, which share no code with plans', () => {
  it('random networks with biases and branches', async () => {
    const property = fc.asyncProperty(
      networks({ features: 2, maxBlocks: 2 }),
      fc.integer({ min: 2, max: 4 }),
      fc.nat(1e6),
      async (net, order, seed) => {
        fc.pre(countHierarchy(net, order).at(-1)!.products < 400);
        await compare(net, order, seed);
      },
    );
    await fc.assert(property, { numRuns: 25 });
  });

  it.each([
    [
      'three layers',
      [dense({ bStd: 0.2 }), elementwise('tanh(x)'), dense({ bStd: 0.3 }), elementwise('sin(x)'), dense({ bStd: 0.1 })],
      4,
    ],
    [
      'a residual sum',
      [dense({ bStd: 0.2 }), sum([[], [elementwise('tanh(x)'), dense({ bStd: 0.3 })]]), relu(), dense()],
      4,
    ],
    ['order 5 of two layers', [dense({ bStd: 0.2 }), elementwise('tanh(x)'), dense()], 5],
    ['layers without activation', [dense({ bStd: 0.5 }), dense({ bStd: 0.5 }), dense({ bStd: 0.5 })], 4],
    ['an activation at the end', [dense({ bStd: 0.5 }), elementwise('sin(x)')], 3],
    ['one layer, where K3 is zero', [dense()], 3],
    [
      'a sum at the end, where units of layers are outputs',
      [dense({ bStd: 0.2 }), sum([[], [elementwise('sin(x)'), dense({ bStd: 0.4 })]])],
      4,
    ],
  ] as const)('%s', async (name, layers, order) => {
    await compare(network({ name, input: { shape: [2] }, layers: [...layers] }), order, 7);
  });

  it('any output, and any number of samples whatever the plan was made for', async () => {
    const net = network({ name: 'two', input: { shape: [2] }, layers: [dense(), elementwise('tanh(x)'), dense()] });
    const finite = finiteNetwork(net, { width: 4, outputs: 2 });
    const parameters = initialise(finite, 3);
    const x = normals(10, 1, 4);
    const jets = hierarchyAt(finite, parameters, x, 5, every(5, 3), { output: 1 });
    const kernel = await loadHierarchy(hierarchyProgram(net, 3, finite), { samples: 1000 });
    const prepared = await kernel.prepare({ parameters, x, n: 5, output: 1 });
    expect(worst(await prepared.all(), jets)).toBeLessThan(1e-12);
  });
});

describe('threads', () => {
  it.each([
    [3, 3, 30],
    [2, 4, 25],
  ])(
    'K of %i layers, order %i, %i samples: the same bytes on any number, and the values of the reference',
    async (layers, order, n) => {
      const hidden = Array.from({ length: layers - 1 }, () => [dense({ bStd: 0.2 }), elementwise('tanh(x)')]).flat();
      const net = network({ name: 'threads', input: { shape: [6] }, layers: [...hidden, dense()] });
      const finite = finiteNetwork(net, { width: 50, outputs: 1 });
      const samples = { parameters: initialise(finite, 11), x: normals(6 * n, 1, 12), n };
      const weights = normals(n ** (order - 2), 1, 13);
      const kernel = await loadHierarchy(hierarchyProgram(net, order, finite), { samples: n, threads: 1 });
      const one = await kernel.prepare(samples);
      const expected = await one.contracted(weights);
      const reference = await (await loadReference(kernel.plans)).prepare(samples);
      expect(worst(expected, await reference.contracted(weights))).toBeLessThan(1e-12);
      for (const threads of [2, 3]) {
        const prepared = await (await loadWasm(kernel.plans, threads)).prepare(samples);
        // Calls at one time wait for each other.
        const [first, all, again] = await Promise.all([
          prepared.contracted(weights),
          order === 3 ? prepared.all() : undefined,
          prepared.contracted(weights),
        ]);
        expect(Buffer.compare(Buffer.from(first!.buffer), Buffer.from(expected.buffer))).toBe(0);
        expect(again).toEqual(first);
        if (all !== undefined) expect(all).toEqual(await one.all());
        expect(await prepared.at([[2, 1, 0, 3].slice(0, order)])).toEqual(await one.at([[2, 1, 0, 3].slice(0, order)]));
      }
    },
  );
});

describe('tfjs', () => {
  // What issue 4 asks of float32: 1e-5 of the scale of the kernel.
  it.each([
    ['two layers', [dense({ bStd: 0.2 }), elementwise('tanh(x)'), dense()], 4],
    ['three layers', [dense(), elementwise('sin(x)'), dense({ bStd: 0.3 }), relu(), dense({ bStd: 0.1 })], 3],
    [
      'a residual sum',
      [dense(), sum([[], [elementwise('x*erf(x)'), dense({ bStd: 0.3 })]]), elementwise('x^2'), dense()],
      3,
    ],
    ['an activation at the end', [dense({ bStd: 0.5 }), elementwise('sin(x)')], 3],
    ['one layer, where K3 is zero', [dense()], 3],
    ['a sum at the end', [dense({ width: 2 }), sum([[], [elementwise('sin(x)'), dense({ bStd: 0.4, width: 2 })]])], 3],
    ['order 2', [dense({ bStd: 0.2 }), elementwise('tanh(x)'), dense()], 2],
  ] as const)('%s in float32', async (name, layers, order) => {
    const net = network({ name, input: { shape: [4] }, layers: [...layers] });
    const finite = finiteNetwork(net, { width: 16, outputs: 2 });
    const program = hierarchyProgram(net, order, finite);
    const parameters = initialise(finite, 11);
    const n = 5;
    const samples = { parameters, x: normals(4 * n, 1, 12), n, output: 1 };
    const exact = await (await loadHierarchy(program, { samples: n })).prepare(samples);
    const kernel = await loadHierarchy(program, { target: 'tfjs', tfjsBackend: 'cpu', samples: n });
    expect(kernel).toMatchObject({ target: 'tfjs (cpu)', dtype: 'float32' });
    const rough = await kernel.prepare(samples);
    const tuples = every(n, order).filter((_, k) => k % 41 === 0);
    const all = await exact.all();
    const scale = all.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-30);
    const error = (got: Float64Array, expected: Float64Array) =>
      got.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0);
    expect(error(await rough.all(), all)).toBeLessThan(1e-5 * scale);
    expect(error(await rough.at(tuples), await exact.at(tuples))).toBeLessThan(1e-5 * scale);
    if (order > 2) {
      const weights = normals(n ** (order - 2), 1, 13);
      const size = weights.reduce((total, weight) => total + Math.abs(weight), 0);
      expect(error(await rough.contracted(weights), await exact.contracted(weights))).toBeLessThan(1e-5 * scale * size);
    }
    rough.dispose();
  });
});

describe('little memory', () => {
  it.each([
    [2, 9, 0.5],
    [3, 6, 0.6],
  ])(
    'K4 of %i layers at %i samples in blocks, by %d of the memory, has the same values, on every target',
    async (layers, n, fraction) => {
      const hidden = Array.from({ length: layers - 1 }, () => [dense({ bStd: 0.2 }), elementwise('tanh(x)')]).flat();
      const net = network({ name: 'blocks', input: { shape: [6] }, layers: [...hidden, dense()] });
      const finite = finiteNetwork(net, { width: 20, outputs: 1 });
      const program = hierarchyProgram(net, 4, finite);
      const samples = { parameters: initialise(finite, 11), x: normals(6 * n, 1, 12), n };
      const weights = normals(n * n, 1, 13);
      const whole = await loadHierarchy(program, { samples: n });
      const memoryLimitBytes = Math.floor(fraction * whole.plans.contracted!.plan.peakBytes);
      const expected = await (await whole.prepare(samples)).contracted(weights);
      for (const [target, tolerance] of [
        ['wasm', 1e-12],
        ['reference', 1e-12],
        ['tfjs', 1e-5],
      ] as const) {
        const kernel = await loadHierarchy(program, { target, tfjsBackend: 'cpu', samples: n, memoryLimitBytes });
        const cut = kernel.plans.contracted!.plan.steps.filter((step) => step.kind === 'sliced');
        expect(cut.length).toBeGreaterThan(0);
        // Of three layers some are summed over the blocks, others put side by side.
        expect(new Set(cut.map(({ kept }) => kept === undefined)).size).toBe(layers - 1);
        const prepared = await kernel.prepare(samples);
        expect(worst(await prepared.contracted(weights), expected)).toBeLessThan(tolerance);
        prepared.dispose();
      }
    },
  );
});

describe('bad input', async () => {
  const net = network({ name: 'small', input: { shape: [2] }, layers: [dense({ bStd: 1 }), relu(), dense()] });
  const finite = finiteNetwork(net, { width: 3, outputs: 1 });
  const kernel = await loadHierarchy(hierarchyProgram(net, 3, finite), { memoryLimitBytes: 2 ** 20 });
  const parameters = initialise(finite, 1);
  const x = normals(8, 1, 1);

  it('parameters, inputs and outputs that do not fit', async () => {
    const [first, second] = parameters;
    await expect(kernel.prepare({ parameters: [first!], x, n: 4 })).rejects.toThrow(
      /of 1 layers. Expected of 2 layers/,
    );
    await expect(kernel.prepare({ parameters: [second!, first!], x, n: 4 })).rejects.toThrow(
      /parameters\[0\].W. Expected 3 rows of 2/,
    );
    await expect(kernel.prepare({ parameters: [{ W: first!.W }, second!], x, n: 4 })).rejects.toThrow(/no biases/);
    await expect(kernel.prepare({ parameters, x, n: 3 })).rejects.toThrow(/8 numbers for 3 samples/);
    await expect(kernel.prepare({ parameters, x, n: 4, output: 1 })).rejects.toThrow(/output 1/);
    await expect(kernel.prepare({ parameters, x: x.map((v, k) => (k === 5 ? Number.NaN : v)), n: 4 })).rejects.toThrow(
      /an input is NaN. At x\[2\]\[1\]/,
    );
  });

  it('tuples and weights that do not fit, and values that are not finite', async () => {
    const prepared = await kernel.prepare({ parameters, x, n: 4 });
    await expect(prepared.at([[0, 1]])).rejects.toThrow(/2 indices. At tuples\[0\]. Expected 3 for K3/);
    await expect(prepared.at([[0, 1, 4]])).rejects.toThrow(/no sample 4. At tuples\[0\]\[2\]/);
    await expect(prepared.contracted(new Float64Array(3))).rejects.toThrow(/3 weights. Expected \[4\]/);
    await expect(prepared.contracted(new Float64Array(4).fill(Number.NaN))).rejects.toThrow(/a weight is NaN/);
    await expect(prepared.contracted(new Float64Array(4).fill(1e308))).rejects.toThrow(/K3 is not finite/);
    const ntk = await loadHierarchy(hierarchyProgram(net, 2, finite));
    await expect((await ntk.prepare({ parameters, x, n: 4 })).contracted(x)).rejects.toThrow(
      /nothing to contract in K2/,
    );
  });

  it('more memory than allowed, before anything is computed', async () => {
    const n = 60;
    const prepared = await kernel.prepare({ parameters, x: normals(2 * n, 1, 1), n });
    await expect(prepared.all()).rejects.toThrow(/K3 at all 60\^3 tuples needs 1.\d+ MB. Expected at most 1.05 MB/);
    expect((await prepared.contracted(new Float64Array(n))).every((value) => value === 0)).toBe(true);
  });
});
