import { describe, expect, it } from 'vitest';
import { derive } from '../../../derive/index.ts';
import type { LayerInput } from '../../../ir/arch/index.ts';
import type { KernelName } from '../../../ir/program/index.ts';
import { dense, elementwise, erf, gelu, network, relu, repeat, sum } from '../../../ops/vocabulary.ts';
import { loadReference } from '../../../runtime/backends/reference.ts';
import { loadTfjs } from '../../../runtime/backends/tfjs.ts';
import { gram } from '../../../runtime/gram.ts';
import { generateTfjs } from './index.ts';

const he = dense({ wStd: 1.4, bStd: 0.1 });
const kernels = ['nngp', 'ntk', 'wntk'] as const;
const netOf = (layers: readonly LayerInput[]) => network({ input: { shape: [3] }, layers });
const textOf = (layers: readonly LayerInput[], kernel: KernelName) =>
  generateTfjs(derive(netOf(layers), kernel).program, []);

describe('layers that repeat', () => {
  it('make the text of 20 layers about as long as that of 4', () => {
    for (const layer of [relu(), elementwise('tanh(x)')])
      for (const kernel of kernels) {
        const [few, many] = [4, 20].map((times) => textOf([he, repeat(times, [layer, he])], kernel));
        expect(many).toContain('for (let layer = 0; layer < ');
        // Longer numbers, and for layer weights a name and a line each.
        expect(many?.length).toBeLessThan((few?.length ?? 0) + (kernel === 'wntk' ? 1500 : 100));
      }
  });

  it.each<readonly [string, readonly LayerInput[]]>([
    ['of closed forms', [he, repeat(8, [relu(), he])]],
    ['of formulas', [he, repeat(4, [elementwise('tanh(x)'), he]), elementwise('tanh(x)'), dense()]],
    ['of two layers', [he, repeat(5, [relu(), he, erf(), dense()])]],
    ['with branches', [he, repeat(6, [sum([[], [relu(), he], [gelu(), he]])]), relu(), dense()]],
    ['in two runs', [he, repeat(5, [relu(), he]), repeat(5, [erf(), he])]],
    ['whose values a later layer reads', [he, sum([[repeat(4, [relu(), he])], [gelu(), he]]), relu(), he]],
  ])('give what the reference gives in float32, %s', async (_, layers) => {
    const inputs = { data: Float64Array.from({ length: 12 }, (_, i) => Math.sin(i * i)), n: 4 };
    for (const kernel of kernels) {
      expect(textOf(layers, kernel)).toContain('layersOf(');
      const layerWeights = derive(netOf(layers), kernel).program.weights.map((_, i) => 0.5 + 0.25 * i);
      const { program } = derive(netOf(layers), kernel);
      const options = kernel === 'wntk' ? { layerWeights } : {};
      const ours = await gram(await loadTfjs(program, { ...options, backend: 'cpu' }), inputs);
      const exact = await gram(loadReference(program, options), inputs);
      // Some ten layers of some ten operations, each rounded at 6e-8.
      const largest = Math.max(...exact.map(Math.abs));
      for (const [at, value] of ours.entries())
        expect(Math.abs(value - (exact[at] as number))).toBeLessThan(2e-5 * largest);
    }
  });
});
