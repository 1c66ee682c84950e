import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../compile.ts';
import { derive, gram, type KernelName, network } from '../../../index.ts';
import type { LayerInput } from '../../../ir/arch/index.ts';
import { kernelNames } from '../../../ir/program/index.ts';
import { dense, elementwise, erf as erfOp, relu, repeat, sum } from '../../../ops/vocabulary.ts';
import { networks } from '../../../testing/index.ts';
import { generateWasm } from '../wasm/standalone.ts';
import { bothWays, hasLoop, type Module } from './bothWays.fixture.ts';
import { generateReference } from './index.ts';

const he = dense({ wStd: 1.4, bStd: 0.1 });
const programOf = (layers: readonly LayerInput[], kernel: KernelName = 'ntk') =>
  derive(network({ input: { shape: [3] }, layers }), kernel).program;

describe('layers that repeat', () => {
  it.each<readonly [string, readonly LayerInput[]]>([
    ['of closed forms', [he, repeat(9, [relu(), he])]],
    ['of formulas', [he, repeat(5, [elementwise('tanh(x)'), he]), elementwise('tanh(x)'), dense()]],
    ['of two layers', [he, repeat(5, [relu(), he, erfOp(), dense()])]],
    ['with branches', [he, repeat(6, [sum([[], [relu(), he], [erfOp(), he]])]), relu(), dense()]],
    ['in two runs', [he, repeat(5, [relu(), he]), repeat(5, [erfOp(), he])]],
    ['with normalisation', [he, repeat(5, [{ op: 'layerNorm' }, relu(), he])]],
  ])('are loops, %s, and give what they give written out, to the last bit', (_, layers) => {
    for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
      const program = programOf(layers, kernel);
      expect(hasLoop(program)).toBe(true);
      const [loops, written] = bothWays(program);
      expect(loops).toEqual(written);
    }
  });

  it('give the same in any network', () => {
    const deep = fc
      .tuple(networks(), fc.integer({ min: 3, max: 7 }), fc.constantFrom(...kernelNames))
      .map(([net, times, kernel]) => {
        const { network: name, ...rest } = derive(
          network({
            input: net.input,
            layers: [he, repeat(times, net.layers as readonly LayerInput[]), relu(), dense()],
          }),
          kernel,
        ).program;
        return { network: name, ...rest };
      });
    let looped = 0;
    fc.assert(
      fc.property(deep, (program) => {
        if (hasLoop(program)) looped++;
        const [loops, written] = bothWays(program);
        expect(loops).toEqual(written);
      }),
      { numRuns: 20 },
    );
    expect(looped).toBeGreaterThan(5);
  });

  it('make the text of 20 layers about as long as that of 4', () => {
    for (const layer of [relu(), elementwise('tanh(x)')])
      for (const kernel of ['nngp', 'ntk', 'wntk'] as const) {
        const [few, many] = [4, 20].map((times) =>
          generateReference(programOf([he, repeat(times, [layer, he])], kernel), []),
        );
        // Longer numbers, and 16 more layer weights.
        expect(many?.length).toBeLessThan((few?.length ?? 0) + 120);
      }
  });

  it('read as they did', async () => {
    const text = generateReference(programOf([he, repeat(20, [relu(), he])], 'wntk'), ['Weighted NTK of 21 layers']);
    await expect(text).toMatchFileSnapshot('../../../../test/golden/relu-mlp-20.wntk.reference.js');
  });

  it('are loops in the module of the wasm target too', async () => {
    const x = Float64Array.from([0.3, -1, 0.4, 1, 0.2, 0.7, -0.3, 1, -0.4]);
    for (const layer of [relu(), elementwise('tanh(x)')]) {
      const net = network({ input: { shape: [3] }, layers: [he, repeat(6, [layer, he])] });
      const text = generateWasm(derive(net, 'wntk').program, []);
      expect(text).toContain('for (let layer = 0;');
      const emitted = (await import(`data:text/javascript;base64,${Buffer.from(text).toString('base64')}`)) as Module;
      const compiled = await compile(net, { kernel: 'wntk', target: 'wasm', threads: 1 });
      const inputs = { data: x, n: 3 };
      expect(emitted.gram(x, 3)).toEqual(await gram(compiled, inputs));
    }
  });
});
