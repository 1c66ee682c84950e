import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { arithmeticFile, arithmeticText, engineFile, engineText } from '../../../../scripts/engine.ts';
import { compile } from '../../../compile.ts';
import { generate } from '../../../generate.ts';
import { dense, derive, elementwise, gelu, gram, type KernelName, network, relu, sum } from '../../../index.ts';
import { generateReference } from './index.ts';

interface Emitted {
  gram(
    x1: Float64Array,
    n1: number,
    x2?: Float64Array,
    n2?: number,
    weights?: readonly number[],
  ): Float64Array | Float64Array[];
  readonly layerWeights: readonly number[];
}
const load = async (source: string) =>
  (await import(`data:text/javascript;base64,${Buffer.from(source).toString('base64')}`)) as Emitted;

const residual = network({
  name: 'has */ and \n a line break',
  input: { shape: [3] },
  layers: [
    dense({ wStd: 1.3, bStd: 0.2 }),
    sum([[], [relu(), dense(), gelu(), dense()]]),
    elementwise('tanh(x)'),
    dense(),
    elementwise('x*erf(x)'),
    dense(),
  ],
});
const x1 = Float64Array.from({ length: 12 }, (_, i) => Math.sin(i * i));
const x2 = Float64Array.from({ length: 6 }, (_, i) => Math.cos(3 * i));

describe('the emitted module', () => {
  it.each<KernelName>(['nngp', 'ntk', 'wntk'])(
    '%s stands alone and gives what the loaded kernel gives, to the last bit',
    async (kernel) => {
      const emitted = await load(await generate(derive(residual, kernel), 'reference'));
      const compiled = await compile(residual, { kernel, target: 'reference' });
      expect(emitted.gram(x1, 4)).toEqual(await gram(compiled, { data: x1, n: 4 }));
      expect(emitted.gram(x1, 4, x2, 2)).toEqual(await gram(compiled, { data: x1, n: 4 }, { data: x2, n: 2 }));
    },
  );

  it('takes layer weights when it runs', async () => {
    const emitted = await load(await generate(derive(residual, 'wntk'), 'reference'));
    const layerWeights = emitted.layerWeights.map((_, i) => 0.5 + i);
    const compiled = await compile(residual, { kernel: 'wntk', layerWeights, target: 'reference' });
    expect(emitted.gram(x1, 4, undefined, 4, layerWeights)).toEqual(await gram(compiled, { data: x1, n: 4 }));
  });

  it('layer-wise gives one matrix a layer', async () => {
    const emitted = await load(await generate(derive(residual, 'layerwise'), 'reference'));
    const all = emitted.gram(x1, 4) as Float64Array[];
    expect(all).toHaveLength(5);
    expect(all[2]).toEqual(
      await gram(await compile(residual, { kernel: 'layerwise', target: 'reference' }), { data: x1, n: 4 }, undefined, {
        output: 2,
      }),
    );
  });

  it('is the same text every time, and no name can break out of its comment', async () => {
    const source = await generate(derive(residual, 'ntk'), 'reference');
    expect(await generate(derive(residual, 'ntk'), 'reference')).toBe(source);
    expect(source.indexOf('*/')).toBeGreaterThan(source.indexOf('Result'));
  });

  it('reads as it did', async () => {
    const small = network({
      name: 'relu',
      input: { shape: [9] },
      layers: [dense({ wStd: Math.SQRT2, bStd: 0.1 }), relu(), dense()],
    });
    await expect(await generate(derive(small, 'wntk'), 'reference')).toMatchFileSnapshot(
      '../../../../test/golden/relu-wntk.reference.js',
    );
  });
});

describe('the emitted module with positions', () => {
  const cnn = network({
    name: 'cnn',
    input: { shape: [6, 5, 3] },
    layers: [
      { op: 'conv', kernel: [3, 3], wStd: 1.4, bStd: 0.1 },
      { op: 'relu' },
      { op: 'avgPool', window: [2, 2] },
      { op: 'conv', kernel: [2, 1], padding: 'valid' },
      { op: 'erf' },
      { op: 'flatten' },
      { op: 'dense' },
    ],
  });
  const graph = network({
    name: 'graph',
    input: { shape: [3, 2], masked: true },
    layers: [
      { op: 'aggregate' },
      { op: 'conv', kernel: [3] },
      { op: 'elementwise', expr: 'tanh(x)' },
      { op: 'globalAvgPool' },
      { op: 'dense' },
    ],
  });
  const images = Float64Array.from({ length: 270 }, (_, i) => Math.sin(i * i));

  it('stands alone and gives what the loaded kernel gives, to the last bit', async () => {
    for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
      const emitted = await load(await generate(derive(cnn, kernel), 'reference'));
      const compiled = await compile(cnn, { kernel, target: 'reference' });
      expect(emitted.gram(images, 3)).toEqual(await gram(compiled, { data: images, n: 3 }));
      const [x1, x2] = [images.subarray(0, 90), images.subarray(90)];
      expect(emitted.gram(x1, 1, x2, 2)).toEqual(await gram(compiled, { data: x1, n: 1 }, { data: x2, n: 2 }));
    }
  });

  it('takes patterns and masks after the weights', async () => {
    const emitted = (await load(generateReference(derive(graph, 'ntk').program, []))) as unknown as {
      gram(...args: readonly unknown[]): Float64Array;
    };
    const given = {
      patterns: Float64Array.from([1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0]),
      present: Float64Array.from([1, 1, 1, 1, 1, 0]),
    };
    const data = Float64Array.from([0.3, 1, -0.4, 0.2, 0.8, 0.1, 0.5, -1, 0.7, 0.2, 0, 0]);
    const compiled = await compile(graph, { target: 'reference' });
    expect(await generate(derive(graph, 'ntk'), 'reference')).toContain('layerWeights, { patterns, present })');
    expect(emitted.gram(data, 2, undefined, undefined, undefined, given)).toEqual(
      await gram(compiled, { data, n: 2, ...given }),
    );
  });

  it('reads as it did', async () => {
    await expect(generateReference(derive(cnn, 'ntk').program, ['NTK of a small CNN'])).toMatchFileSnapshot(
      '../../../../test/golden/cnn-ntk.reference.js',
    );
  });
});

it('the bundled engine is the one in src/ir/gaussian, the bundled arithmetic the one beside it', async () => {
  expect(readFileSync(engineFile, 'utf8')).toBe(await engineText());
  expect(readFileSync(arithmeticFile, 'utf8')).toBe(await arithmeticText());
});
