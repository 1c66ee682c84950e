/** Networks over positions whose layers repeat. */
import type { LayerInput } from '../../../../ir/arch/index.ts';

const op = (name: string, fields: object = {}): LayerInput => ({ op: name, ...fields });
const [relu, erf, dense] = [op('relu'), op('erf'), op('dense')];
const [layerNorm, globalAvgPool] = [op('layerNorm'), op('globalAvgPool')];
const tanh = op('elementwise', { expr: 'tanh(x)' });
const sum = (...branches: readonly (readonly LayerInput[])[]) => op('sum', { branches });
const repeat = (times: number, layers: readonly LayerInput[]) => op('repeat', { times, layers });

export const c = op('conv', { kernel: [3], wStd: 1.3, bStd: 0.1 });
export const attention = op('selfAttention', { mechanism: 'softmax' });
const transformer = [sum([], [layerNorm, attention]), sum([], [layerNorm, dense, op('gelu'), dense])];
export const pooled = (layers: readonly LayerInput[]): readonly LayerInput[] => [c, ...layers, globalAvgPool, dense];

/** What a layer may be whose text does not grow with their number. */
export const blocks = [[relu, c], [tanh, c], [sum([], [relu, c])], transformer];

export const deepNetworks: readonly (readonly [name: string, layers: readonly LayerInput[]])[] = [
  ['flattened', [c, repeat(6, [relu, c]), relu, op('flatten'), dense]],
  ['pooled', pooled([repeat(6, [relu, c])])],
  ['of formulas', pooled([repeat(4, [tanh, c])])],
  ['of residual blocks', pooled([repeat(5, [sum([], [relu, c, erf, c])])])],
  ['with pooling', pooled([repeat(5, [relu, op('avgPool', { window: [3], strides: [1], padding: 'same' }), c])])],
  ['of transformer blocks', pooled([repeat(4, transformer)])],
  ['in two runs', pooled([repeat(5, [relu, c]), repeat(5, [erf, c]), relu])],
  ['on graphs', pooled([repeat(5, [op('aggregate'), dense, relu])])],
];
