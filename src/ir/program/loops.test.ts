import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { dense, gelu, network, relu, repeat, sum } from '../../ops/vocabulary.ts';
import { networks } from '../../testing/index.ts';
import type { LayerInput } from '../arch/index.ts';
import { findLoops } from './loops.ts';
import { type KernelName, kernelNames } from './program.ts';

const he = dense({ wStd: 1.4, bStd: 0.1 });
const programOf = (layers: readonly LayerInput[], kernel: KernelName = 'ntk') =>
  derive(network({ input: { shape: [3] }, layers }), kernel).program;
const loopsOf = (layers: readonly LayerInput[], kernel?: KernelName) => findLoops(programOf(layers, kernel));

describe('findLoops', () => {
  it.each(['nngp', 'ntk', 'wntk'] as const)('finds the layers of a deep network, declared either way: %s', (kernel) => {
    const block = [relu(), he];
    const [first, ...others] = loopsOf([he, repeat(20, block)], kernel);
    expect(others).toEqual([]);
    // The first layer differs: its tangent kernel is its covariance.
    expect(first?.times).toBeGreaterThanOrEqual(18);
    expect(loopsOf([he, ...Array.from({ length: 20 }, () => block).flat()], kernel)).toEqual([first]);
  });

  it('finds blocks of several layers, and of branches', () => {
    const [loop] = loopsOf([he, repeat(6, [relu(), he, gelu(), he])]);
    const [plain] = loopsOf([he, repeat(12, [relu(), he])]);
    expect(loop?.times).toBeGreaterThanOrEqual(4);
    expect(loop?.length).toBeGreaterThan(plain?.length ?? 0);
    expect(loopsOf([he, repeat(5, [sum([[], [relu(), he]])])])[0]?.times).toBeGreaterThanOrEqual(3);
  });

  it('finds none where a layer differs, or in a few layers', () => {
    expect(loopsOf([he, relu(), he, relu(), dense()])).toEqual([]);
    expect(loopsOf([he, ...[1, 2, 3, 4, 5].flatMap((wStd) => [relu(), dense({ wStd })])])).toEqual([]);
  });

  it('finds none that reads further back than a period', () => {
    // Each layer-wise kernel starts in a layer of its own, so no two layers do the same.
    for (const { times } of loopsOf([he, repeat(8, [relu(), he])], 'layerwise')) expect(times).toBeLessThan(8);
  });

  it('names runs of statements that repeat, without overlaps, in any network', () => {
    fc.assert(
      fc.property(networks(), fc.constantFrom(...kernelNames), (net, kernel) => {
        const { program } = derive(net, kernel);
        let end = 0;
        for (const { from, length, times } of findLoops(program)) {
          expect(from).toBeGreaterThanOrEqual(end);
          end = from + length * times;
          const kinds = program.statements.slice(from, end).map((s) => `${s.kind} ${s.domain}`);
          expect(kinds).toEqual(kinds.map((_, i) => kinds[i % length]));
        }
        expect(end).toBeLessThanOrEqual(program.statements.length);
      }),
      { numRuns: 40 },
    );
  });
});
