import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../ir/arch/index.ts';
import { type KernelName, kernelNames } from '../../ir/program/index.ts';
import { conv, dense, elementwise, flatten, gelu, network, relu, repeat, sum } from '../../ops/vocabulary.ts';
import { networks } from '../../testing/index.ts';
import type { Derivation } from '../derivation.ts';
import { derive } from '../index.ts';
import { explain } from './index.ts';
import type { EquationJson } from './json.ts';

const he = dense({ wStd: 1.4, bStd: 0.1 });
const derivationOf = (layers: readonly LayerInput[], kernel: KernelName = 'ntk', shape: readonly number[] = [3]) =>
  derive(network({ name: 'deep', input: { shape }, layers }), kernel);
const copies = (times: number, layers: readonly LayerInput[]) => Array.from({ length: times }, () => layers).flat();

/** A formula at one value of its index. */
const at = (tex: string, index: string, value: number): string =>
  tex.replaceAll(new RegExp(`\\{(\\(?)(\\d*)${index}([+-]\\d+)?(\\)?)\\}`, 'g'), (_, open, factor, offset, close) => {
    const n = (factor === '' ? 1 : Number(factor)) * value + Number(offset ?? 0);
    return `{${open}${n}${close}}`;
  });

/** Every repetition but the first, whose predecessor may have another letter, is the loop's at the index's value. */
function checkLoops(d: Derivation): number {
  const { loops = [], steps } = explain(d).toJson();
  // Where a line is broken depends on how long the numbers are.
  const texOf = (equations: readonly EquationJson[]) =>
    equations.map((e) => e.tex.replaceAll(' \\\\\n  &\\quad {}', ' '));
  for (const loop of loops)
    for (let t = loop.initial.length > 0 ? 1 : 0; t < loop.times; t++)
      loop.steps.forEach((step, k) => {
        const own = steps[loop.first + t * loop.length + k];
        const written = (list: readonly string[]) => list.map((tex) => at(tex, loop.index, loop.from + t * loop.by));
        expect(written(texOf(step.equations))).toEqual(texOf(own?.equations ?? []));
        expect(written(texOf(step.definitions))).toEqual(texOf(own?.definitions ?? []));
      });
  return loops.length;
}

describe('derivations of layers that repeat', () => {
  it.each(['nngp', 'ntk', 'wntk'] as const)('fit on a screen, declared either way: %s', (kernel) => {
    for (const layers of [[repeat(20, [relu(), he])], copies(20, [relu(), he])]) {
      const print = explain(derivationOf([he, ...layers], kernel));
      expect(print.toText().split('\n').length).toBeLessThan(50);
      expect(print.toText()).toContain("Σˡ(x,x') = 1.96·Σ̂ˡ⁻¹(x,x') + 0.01");
      expect(print.toText()).toContain('the same 20 times, for l = 2, …, 21:');
      expect(print.toLatex().length).toBeLessThan(5000);
      expect(print.toJson().steps).toHaveLength(42);
    }
  });

  it('say what the first of them reads where that has another letter', () => {
    const text = explain(derivationOf([he, repeat(6, [sum([[], [relu(), he]])]), relu(), he])).toText();
    expect(text).toContain("where Σ₊⁰(x,x') = Σ¹(x,x')");
    expect(text).toContain("where Θ₊⁰(x,x') = Θ¹(x,x')");
  });

  it('count repetitions where layers do not count alike', () => {
    const text = explain(derivationOf([he, repeat(6, [sum([[], [relu(), he, gelu(), he]])]), relu(), he])).toText();
    expect(text).toContain('for j = 1, …, 6:');
    expect(text).toContain("Σ₊ʲ(x,x') = Σ²ʲ⁺¹(x,x') + Σ₊ʲ⁻¹(x,x')");
  });

  it.each<readonly [string, readonly LayerInput[], readonly number[]]>([
    ['layers in turn', [he, repeat(5, [relu(), he])], [3]],
    ['blocks of two layers', [he, repeat(5, [relu(), he, gelu(), dense()])], [3]],
    ['branches', [he, repeat(6, [sum([[], [elementwise('tanh(x)'), he]])]), relu(), dense()], [3]],
    ['positions', [conv({ kernel: [3] }), repeat(5, [relu(), conv({ kernel: [3] })]), flatten(), dense()], [4, 2]],
  ])('are every repetition, with the index in its place: %s', async (_, layers, shape) => {
    for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
      const d = derivationOf(layers, kernel, shape);
      expect(checkLoops(d)).toBe(1);
      expect(await explain(d).toHtml()).toContain('class="loop"');
    }
  });

  it('are that in any network', () => {
    let looped = 0;
    const deep = fc.tuple(networks(), fc.integer({ min: 3, max: 6 }), fc.constantFrom(...kernelNames));
    fc.assert(
      fc.property(deep, ([net, times, kernel]) => {
        const layers = [he, repeat(times, net.layers as readonly LayerInput[]), relu(), dense()];
        looped += checkLoops(derive(network({ input: net.input, layers }), kernel));
      }),
      { numRuns: 25 },
    );
    expect(looped).toBeGreaterThan(5);
  });
});
