import { expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { conv, dense, flatten, network, relu } from '../../ops/vocabulary.ts';
import { gram } from '../../runtime/gram.ts';
import type { Inputs } from '../../runtime/kernel.ts';
import { load } from '../../runtime/load.ts';
import { defaultInputs, toInputs, withHardCases } from '../inputs.ts';
import { fewOf, rememberedGrams } from './grams.ts';

const net = network({ input: { shape: [3, 2] }, layers: [conv({ kernel: [2] }), relu(), flatten(), dense()] });
const x = toInputs(withHardCases(defaultInputs(6, 1)), 6);

/** Gram matrices as laws ask for them, and how many samples were prepared for them. */
async function counted(hasPositions: boolean) {
  const kernel = await load(derive(net, 'wntk').program, { layerWeights: [0.5, 2] });
  const samples: number[] = [];
  const prepare = (inputs: Inputs) => {
    samples.push(inputs.n);
    return kernel.prepare(inputs);
  };
  const few = fewOf(x, hasPositions);
  const rest = { network: net, kernels: ['wntk'], layerWeights: [0.5, 2], targets: [], seed: 0 } as const;
  const vocabulary = new Map();
  const compile = async () => ({ ...kernel, prepare });
  const gramOf = rememberedGrams({ ...rest, vocabulary, derive, compile, x, few, activations: [] });
  return { gramOf, kernel, few, samples };
}

it('is what gram computes, of all inputs or of few, prepared once a kernel', async () => {
  const { gramOf, kernel, few, samples } = await counted(true);
  expect([x.n, few.n]).toEqual([10, 3]);
  expect(await gramOf('wntk')).toEqual(await gram(kernel, x));
  expect(await gramOf('wntk', { paired: true })).toEqual(await gram(kernel, x, x));
  expect(await gramOf('wntk', { of: 'few' })).toEqual(await gram(kernel, few));
  expect(samples).toEqual([10]);
  const other = { layerWeights: [1, -3], of: 'few' } as const;
  expect(await gramOf('wntk', other)).toEqual(await gram(kernel.withLayerWeights([1, -3]), few));
});

it('takes all inputs where they are vectors', async () => {
  const { gramOf, few } = await counted(false);
  expect(few).toBe(x);
  expect(await gramOf('wntk', { of: 'few' })).toEqual(await gramOf('wntk'));
});
