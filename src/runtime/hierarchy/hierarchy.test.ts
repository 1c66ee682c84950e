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
import { every, worst } from './samples.fixture.ts';

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

describe('values of another library', () => {
  it.each([
    ['two-layer-relu', [2, 3, 4]],
    ['two-layer-tanh', [2, 3, 4]],
    ['two-layer-erf-bias', [2, 3, 4, 5]],
    ['three-layer-silu', [2, 3, 4]],
    ['three-layer-polynomial', [2, 3]],
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
