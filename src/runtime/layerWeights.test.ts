import { expect, it } from 'vitest';
import { derive } from '../derive/index.ts';
import type { LayerInput } from '../ir/arch/index.ts';
import { network } from '../ops/vocabulary.ts';
import { checkedWeights } from './layerWeights.ts';

const dense: LayerInput = { op: 'dense' };
const repeat: LayerInput = { op: 'repeat', times: 3, layers: [dense, { op: 'relu' }, dense] };
const many = Array.from({ length: 12 }, () => dense);

it.each([
  [[dense, repeat, dense], 'layers[0], layers[1].layers[0] (3 times), layers[1].layers[2] (3 times) and layers[2].'],
  [[dense], 'Expected 1, one for each of layers[0].'],
  [many, 'layers[0], layers[1], layers[2], layers[3], layers[4], layers[5], ... and layers[11].'],
] as const)('a wrong number of weights of %# names each layer once', (layers, message) => {
  const { program } = derive(network({ input: { shape: [2] }, layers }), 'wntk');
  const weights = Array.from({ length: program.weights.length + 1 }, () => 1);
  expect(() => checkedWeights(program, weights)).toThrow(message);
});
