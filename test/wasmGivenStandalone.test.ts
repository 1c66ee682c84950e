/** What `ntkc generate` writes for networks whose samples come with masks or patterns: for wasm, and checks for reference. */
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import {
  compile,
  derive,
  generate,
  gram,
  type Inputs,
  type KernelName,
  type NetworkInput,
  network,
} from '../src/index.ts';
import { positionsOf } from '../src/ir/program/index.ts';
import { type EmittedKernel, emittedModules } from './support/emitted.ts';
import { conv, dense, flatten, mean, relu } from './support/spatialNetworks.ts';

const { load } = emittedModules<EmittedKernel>();

const conv1 = { ...conv, kernel: [3] };
const nodewise = { ...conv, kernel: [1] };
const aggregate = { op: 'aggregate' };
const convolved = [aggregate, nodewise, relu, aggregate, nodewise, { op: 'erf' }];
const networks: Readonly<Record<string, NetworkInput>> = {
  'a sequence model': { input: { shape: [6, 2], masked: true }, layers: [conv1, relu, conv1, relu, mean, dense] },
  'a strided sequence model': {
    input: { shape: [6, 2], masked: true },
    layers: [conv1, { op: 'erf' }, { ...conv1, strides: [2] }, relu, flatten, dense],
  },
  'a model of images': {
    input: { shape: [4, 5, 2], masked: true },
    layers: [conv, relu, { op: 'avgPool', window: [2, 2], strides: [2, 1] }, conv, relu, mean, dense],
  },
  'a graph network': { input: { shape: [5, 3] }, layers: [...convolved, mean, dense] },
  'a network of graphs of different sizes': {
    input: { shape: [5, 3], masked: true },
    layers: [...convolved, { op: 'globalSumPool' }, dense],
  },
};

/** Samples of which the first has all positions and each next one fewer; all numbers of patterns are positive. */
function samples({ input: { shape, masked }, layers }: NetworkInput, n: number, seed: number): Inputs {
  const [features, positions] = [positionsOf(shape), positionsOf(shape.slice(0, -1))];
  const present = Float64Array.from({ length: n * positions }, (_, at) => {
    const [i, p] = [Math.floor(at / positions), at % positions];
    return (p * p + seed) % positions >= i || p === i ? 1 : 0;
  });
  const data = Float64Array.from({ length: n * features }, (_, at) => {
    const position = Math.floor((at * positions) / features);
    return masked && present[position] === 0 ? 0 : Math.sin(seed + at * at);
  });
  const patterns = Float64Array.from({ length: n * positions ** 2 }, (_, at) => 0.6 + 0.4 * Math.cos(seed + at * at));
  const isGraph = layers.some(({ op }) => op === 'aggregate');
  return { data, n, ...(masked && { present }), ...(isGraph && { patterns }) };
}

type Matrix = ReturnType<EmittedKernel['gram']>;

describe.each(Object.entries(networks))('the emitted module of %s', (_, declared) => {
  const [x, y] = [samples(declared, 3, 1), samples(declared, 2, 2)];

  /** The larger of the relative errors of both Gram matrices. */
  async function worstError(source: string, kernel: KernelName) {
    const emitted = await load(source);
    const layerWeights = emitted.layerWeights.map((_, i) => 0.5 + i);
    const reference = await compile(network(declared), { kernel, target: 'reference', layerWeights });
    const error = (got: Matrix, want: Float64Array) => {
      expect(got).toHaveLength(want.length);
      expect(Math.max(...want) - Math.min(...want)).toBeGreaterThan(0.05 * Math.max(...want)); // samples differ
      return Math.max(...want.map((v, at) => Math.abs((got as Float64Array)[at]! - v) / Math.abs(v)));
    };
    return Math.max(
      error(emitted.gram(x.data, 3, undefined, 3, layerWeights, x), await gram(reference, x)),
      error(emitted.gram(x.data, 3, y.data, 2, layerWeights, x, y), await gram(reference, x, y)),
    );
  }
  const emittedSource = (kernel: KernelName) =>
    generate(derive(network(declared), kernel), 'wasm', { wasmFormat: 'js' });

  // Float64 on both sides, some hundred operations, and no two samples are near each other. NaN is not less than 1e-10.
  it.each(['nngp', 'ntk', 'wntk'] as const)('gives the %s that the reference kernel gives', async (kernel) => {
    expect(await worstError(await emittedSource(kernel), kernel)).toBeLessThan(1e-10);
  });

  it('gives it by its plain loops too, which it does not need here', async () => {
    const source = await emittedSource('ntk');
    const plain = source.replace('found.every(Number.isFinite) ?', 'false ?');
    expect(plain).not.toBe(source);
    expect(await worstError(plain, 'ntk')).toBeLessThan(1e-10);
    const alone = source.replace(/function plainPair\(.*\) \{/, "$& throw new Error('plain');");
    expect(alone).not.toBe(source);
    expect(await worstError(alone, 'ntk')).toBeLessThan(1e-10);
  });

  it('has a text that assembles to the bytes it carries', async () => {
    const { parseWat } = await wabt();
    const text = await generate(derive(network(declared), 'ntk'), 'wasm');
    const parsed = parseWat('kernel.wat', text, { simd: true });
    const { buffer } = parsed.toBinary({});
    parsed.destroy();
    const carried = /const plain = `([^`]*)`/.exec(await emittedSource('ntk'))?.[1] ?? '';
    expect(Buffer.compare(Buffer.from(buffer), Buffer.from(carried, 'base64'))).toBe(0);
    expect(text).toMatch(/^;; {3}\d+ {2}given (present|pattern) \[/m);
  });
});

describe.each(['wasm', 'reference'] as const)('the emitted module of %s says what is wrong with', (target) => {
  const emit = (net: NetworkInput) =>
    generate(derive(network(net), 'ntk'), target, target === 'wasm' ? { wasmFormat: 'js' } : {}).then(load);
  const declared = {
    input: { shape: [3, 1], masked: true as const },
    layers: [aggregate, nodewise, relu, mean, dense],
  };
  const emitted = emit(declared);
  const x = Float64Array.of(1, 2, 0, 3, 4, 5);
  const [patterns, present] = [new Float64Array(18).fill(1), Float64Array.of(1, 1, 0, 1, 1, 1)];
  it.each<readonly [string, { patterns?: Float64Array; present?: Float64Array } | undefined, string]>([
    ['nothing', undefined, 'given.patterns is missing (given1 or given2 of gram): 2 x 9 numbers'],
    ['no mask', { patterns }, 'given.present is missing (given1 or given2 of gram): 2 x 3 numbers'],
    ['a short pattern', { patterns: patterns.slice(1), present }, 'given.patterns holds fewer than 2 x 9 numbers'],
    [
      'a pattern with NaN',
      { patterns: patterns.with(4, NaN), present },
      'given.patterns[4] is NaN, not a finite number',
    ],
    ['a short mask', { patterns, present: present.slice(1) }, 'given.present holds fewer than 2 x 3 numbers'],
    ['a weight in a mask', { patterns, present: present.with(3, 0.5) }, 'given.present[3] is 0.5, not 1 or 0'],
    [
      'hidden numbers',
      { patterns, present: present.with(4, 0) },
      'x is not 0 at a position that is absent: given.present[4] is 0',
    ],
  ])('%s', async (_, given, message) => {
    const kernel = await emitted;
    expect(() => kernel.gram(x, 2, undefined, 2, [], given)).toThrow(message);
    expect(() => kernel.gram(x, 2, x, 2, [], { patterns, present }, given)).toThrow(message);
    expect(kernel.gram(x, 2, x, 2, [], { patterns, present }, { patterns, present })).not.toContain(NaN);
  });

  it('a sample of which all is hidden', async () => {
    const kernel = await emitted;
    const hidden = { patterns, present: Float64Array.of(1, 1, 0, 0, 0, 0) };
    expect(() => kernel.gram(Float64Array.of(1, 2, 0, 0, 0, 0), 2, undefined, 2, [], hidden)).toThrow(
      'given.present is 0 at all positions of sample 1',
    );
  });

  it.each<readonly [string, readonly object[], string]>([
    ['strides', [{ ...nodewise, strides: [2] }], 'layers[0]'],
    [
      'branches side by side',
      [{ op: 'concat', axis: 1, branches: [[{ ...nodewise, strides: [2] }], [dense, { op: 'index', at: [[0, 1]] }]] }],
      'layers[0]',
    ],
  ])('a sample of which %s leave nothing', async (_, layers, path) => {
    const { gram: gramOf } = await emit({
      input: { shape: [4, 1], masked: true },
      layers: [...layers, mean, dense] as NetworkInput['layers'],
    });
    const one = (...mask: readonly number[]) => Float64Array.from([1, 0, 0, 0, ...mask]);
    const left = one(0, 0, 1, 1);
    expect([...gramOf(left, 2, undefined, 2, [], { present: left })].every(Number.isFinite)).toBe(true);
    const none = one(0, 1, 0, 1);
    expect(() => gramOf(none, 2, undefined, 2, [], { present: none })).toThrow(
      `${path} reads no position that sample 1 has (given.present), so a mean over them has no value`,
    );
  });
});

it('a module without masks or patterns has no argument for them', async () => {
  const layers = [conv1, relu, mean, dense];
  const source = await generate(derive(network({ input: { shape: [6, 2] }, layers }), 'ntk'), 'wasm', {
    wasmFormat: 'js',
  });
  expect(source).toContain('export function prepare(inputs, n, weights = layerWeights) {');
  expect(source).not.toMatch(/given[12.N]/);
});
