import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive, type KernelName, network } from '../../../../index.ts';
import type { LayerInput } from '../../../../ir/arch/index.ts';
import { kernelNames, type Program, parseProgram } from '../../../../ir/program/index.ts';
import {
  aggregate,
  conv,
  convLocal,
  dense,
  erf,
  flatten,
  gelu,
  globalAvgPool,
  layerNorm,
  relu,
  repeat,
  sum,
} from '../../../../ops/vocabulary.ts';
import { bothWays, hasLoop } from '../bothWays.fixture.ts';
import { generateReference } from '../index.ts';
import { attention, blocks, c, deepNetworks, pooled } from './deep.fixture.ts';
import { layoutOf } from './layout.ts';
import { randomLoop } from './randomLoop.fixture.ts';

const masked = { shape: [4, 2], masked: true };
const programOf = (layers: readonly LayerInput[], kernel: KernelName = 'ntk', input = { shape: [4, 2] }): Program =>
  derive(network({ input, layers }), kernel).program;

describe('layers that repeat over positions', () => {
  it.each<readonly [string, readonly LayerInput[]]>([
    ...deepNetworks,
    ['with normalisation over space', pooled([repeat(5, [layerNorm({ axes: [1, -1] }), relu(), c])])],
    ['of local weights', pooled([repeat(5, [relu(), convLocal({ kernel: [3], padding: 'same' })])])],
  ])('are loops, %s, and give what they give written out, to the last bit, in as much memory', (_, layers) => {
    for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
      const program = programOf(layers, kernel);
      expect(hasLoop(program)).toBe(true);
      const [loops, written] = bothWays(program);
      expect(loops).toEqual(written);
      expect(loops?.flat().every((k) => (k as Float64Array).every(Number.isFinite))).toBe(true);
      const [ours, theirs] = [true, false].map((l) => layoutOf(program, l));
      for (const part of ['sample', 'pair'] as const)
        expect(ours?.[part].memory.buffers.length).toBeLessThanOrEqual(theirs?.[part].memory.buffers.length ?? 0);
    }
  });

  it('copy what is still read where the next layer writes, or is read after the loop', () => {
    const start = pooled([sum([[repeat(5, [relu(), c])], [erf(), c]])]);
    const layer = (i: number) => `
pair k${i} [4 all] = shiftSum k${i - 1} scale 0.5 axes [[[1,2,3,0],[0,1,2,3]]]
pair m${i} [4 all] = shiftSum k${i - 1} scale 0.3 axes [[[3,0,1,2]]]
pair a${i} [4 all] = map a${i - 1} + m${i}*k${i}`;
    const crossing = parseProgram(`program "crossing" nngp features 4 positions 4
self q0 [4] = inner 1
pair k0 [4 all] = inner 1
pair a0 [4 all] = map 2*k0${[1, 2, 3, 4, 5].map(layer).join('')}
self end = reduce q0 over diagonal scale 1
pair value = reduce a5 over all scale 1
output nngp = value diagonal end
`);
    for (const program of [programOf(start, 'nngp'), crossing]) {
      expect(generateReference(program, [])).toMatch(/Before\.set\(/);
      const [loops, written] = bothWays(program);
      expect(loops).toEqual(written);
    }
  });

  it('give the same in any network, masked or not', () => {
    const activation = fc.constantFrom(relu(), erf(), gelu());
    const block = fc.oneof(
      activation.map((a): LayerInput[] => [a, c]),
      activation.map((a): LayerInput[] => [sum([[], [a, c]])]),
      activation.map((a): LayerInput[] => [
        sum([
          [a, c],
          [c, relu(), dense()],
        ]),
      ]),
      fc.constant<LayerInput[]>([relu(), conv({ kernel: [2], padding: 'same' }), layerNorm()]),
      fc.constant<LayerInput[]>([attention, relu(), dense()]),
      fc.constant<LayerInput[]>([aggregate(), relu(), dense({ bStd: 0.2 })]),
      fc.constant<LayerInput[]>([relu(), convLocal({ kernel: [3], padding: 'same' })]),
    );
    const deep = fc.record({
      blocks: fc.array(block, { minLength: 1, maxLength: 2 }),
      times: fc.integer({ min: 3, max: 6 }),
      after: fc.array(block, { maxLength: 1 }),
      isMasked: fc.boolean(),
      end: fc.constantFrom([globalAvgPool(), dense()], [flatten(), dense()], [relu(), globalAvgPool()]),
      kernel: fc.constantFrom(...kernelNames),
    });
    let looped = 0;
    fc.assert(
      fc.property(deep, ({ blocks, times, after, isMasked, end, kernel }) => {
        const layers = [c, repeat(times, blocks.flat()), ...after.flat(), ...end];
        const program = programOf(layers, kernel, isMasked ? masked : undefined);
        if (hasLoop(program)) looped++;
        const [loops, written] = bothWays(program);
        expect(loops).toEqual(written);
      }),
      { numRuns: 20 },
    );
    expect(looped).toBeGreaterThan(6);
  });

  it('give the same whatever layers hand on, and read of what stands before them', () => {
    let looped = 0;
    fc.assert(
      fc.property(randomLoop, (program) => {
        if (hasLoop(program)) looped++;
        const [loops, written] = bothWays(program);
        expect(loops).toEqual(written);
      }),
      { numRuns: 500 },
    );
    expect(looped).toBeGreaterThan(100);
  });

  it('make the text of 20 layers as long as that of 5', () => {
    for (const block of blocks)
      for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
        const [few, more, many] = [3, 5, 20].map(
          (times) => generateReference(programOf(pooled([repeat(times, block)]), kernel), []).split('\n').length,
        );
        expect(many).toBe(more);
        // Three are written out, some of them.
        expect(many).toBeLessThan(1.2 * (few ?? 0));
      }
  });

  it('are none where positions become fewer from layer to layer', () => {
    const valid = conv({ kernel: [2], padding: 'valid' });
    const program = programOf([...Array.from({ length: 3 }, () => [valid, relu()]).flat(), flatten()]);
    expect(generateReference(program, [])).not.toContain('layer++');
  });

  it('read as they did', async () => {
    const text = generateReference(programOf(pooled([repeat(20, [relu(), c])]), 'wntk'), ['Weighted NTK, 21 layers']);
    await expect(text).toMatchFileSnapshot('../../../../../test/golden/cnn-20.wntk.reference.js');
  });
});
