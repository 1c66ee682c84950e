import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive } from '../../../../derive/index.ts';
import type { LayerInput } from '../../../../ir/arch/index.ts';
import { type KernelName, positionsOf } from '../../../../ir/program/index.ts';
import { elementwise, erf, flatten, network, relu, repeat, sum } from '../../../../ops/vocabulary.ts';
import { loadReference } from '../../../../runtime/backends/reference.ts';
import { loadTfjs } from '../../../../runtime/backends/tfjs.ts';
import { gram } from '../../../../runtime/gram.ts';
import { blocks, c, deepNetworks, pooled } from '../../reference/spatial/deep.fixture.ts';
import { randomLoop } from '../../reference/spatial/randomLoop.fixture.ts';
import { generateTfjs } from '../index.ts';

const programOf = (layers: readonly LayerInput[], kernel: KernelName, isMasked = false) =>
  derive(network({ input: { shape: [4, 2], ...(isMasked && { masked: true }) }, layers }), kernel).program;

const wave = (size: number, step: number) => Float64Array.from({ length: 3 * size }, (_, i) => Math.sin(step * i * i));

describe('layers that repeat over positions', () => {
  it('make the text of 20 layers as long as that of 5', () => {
    for (const block of blocks)
      for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
        const [few, many] = [5, 20].map((times) => {
          const program = programOf(pooled([repeat(times, block)]), kernel);
          // Each layer weight has a line of its own.
          return generateTfjs(program, []).split('\n').length - program.weights.length;
        });
        // The list of layer weights, as many a line as fit.
        expect(many).toBeLessThan((few ?? 0) + 10);
      }
  });

  it.each<readonly [string, readonly LayerInput[]]>([
    ...deepNetworks,
    ["of formulas at p = p'", [c, repeat(4, [elementwise('tanh(x)'), c]), elementwise('tanh(x)'), flatten()]],
    ['whose input a later layer reads', pooled([sum([[repeat(5, [relu(), c])], [erf(), c]])])],
    ['masked', pooled([repeat(5, [relu(), c])])],
  ])('give what the reference gives in float32, %s', async (name, layers) => {
    const masked = name === 'masked';
    for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
      const program = programOf(layers, kernel, masked);
      expect(generateTfjs(program, [])).toContain('for (let layer = 0; layer < ');
      const positions = positionsOf(program.extents);
      const present = wave(positions, 0.7).map((v) => (v > -0.5 ? 1 : 0));
      const inputs = {
        data: wave(program.features, 1).map((v, i) => (masked ? v * (present[Math.floor(i / 2)] as number) : v)),
        n: 3,
        patterns: wave(positions ** 2, 0.3),
        ...(masked && { present }),
      };
      const options = kernel === 'wntk' ? { layerWeights: program.weights.map((_, i) => 0.5 + 0.25 * i) } : {};
      const kernelOf = await loadTfjs(program, { ...options, backend: 'cpu' });
      await gram(kernelOf, inputs);
      const before = tf.memory().numTensors;
      const ours = await gram(kernelOf, inputs);
      expect(tf.memory().numTensors).toBe(before);
      const exact = await gram(loadReference(program, options), inputs);
      // Some ten layers of some ten operations, each rounded at 6e-8.
      const largest = Math.max(...exact.map(Math.abs));
      for (const [at, value] of ours.entries())
        expect(Math.abs(value - (exact[at] as number))).toBeLessThan(1e-4 * largest);
    }
  });

  it('give what the reference gives, whatever layers hand on, and read of what stands before them', async () => {
    let looped = 0;
    const agrees = fc.asyncProperty(randomLoop, async (program) => {
      if (generateTfjs(program, []).includes('layer++')) looped++;
      const inputs = { data: wave(program.features, 1), n: 3 };
      const ours = await gram(await loadTfjs(program, { backend: 'cpu' }), inputs);
      const exact = await gram(loadReference(program), inputs);
      const largest = Math.max(...exact.map(Math.abs));
      // Values of either sign, so that sums may cancel.
      for (const [at, value] of ours.entries())
        expect(Math.abs(value - (exact[at] as number))).toBeLessThanOrEqual(3e-4 * largest);
    });
    await fc.assert(agrees, { numRuns: 30 });
    expect(looped).toBeGreaterThan(5);
  });
});
