/** Networks over positions whose layers repeat. */
import type { LayerInput } from '../../../../ir/arch/index.ts';
import {
  aggregate,
  avgPool,
  conv,
  dense,
  elementwise,
  erf,
  flatten,
  gelu,
  globalAvgPool,
  layerNorm,
  relu,
  repeat,
  selfAttention,
  sum,
} from '../../../../ops/vocabulary.ts';

export const c = conv({ kernel: [3], wStd: 1.3, bStd: 0.1 });
export const attention = selfAttention({ mechanism: 'softmax' });
const transformer = [sum([[], [layerNorm(), attention]]), sum([[], [layerNorm(), dense(), gelu(), dense()]])];
export const pooled = (layers: readonly LayerInput[]): readonly LayerInput[] => [
  c,
  ...layers,
  globalAvgPool(),
  dense(),
];

/** What a layer may be whose text does not grow with their number. */
export const blocks = [[relu(), c], [elementwise('tanh(x)'), c], [sum([[], [relu(), c]])], transformer];

export const deepNetworks: readonly (readonly [name: string, layers: readonly LayerInput[]])[] = [
  ['flattened', [c, repeat(6, [relu(), c]), relu(), flatten(), dense()]],
  ['pooled', pooled([repeat(6, [relu(), c])])],
  ['of formulas', pooled([repeat(4, [elementwise('tanh(x)'), c])])],
  ['of residual blocks', pooled([repeat(5, [sum([[], [relu(), c, erf(), c]])])])],
  ['with pooling', pooled([repeat(5, [relu(), avgPool({ window: [3], strides: [1], padding: 'same' }), c])])],
  ['of transformer blocks', pooled([repeat(4, transformer)])],
  ['in two runs', pooled([repeat(5, [relu(), c]), repeat(5, [erf(), c]), relu()])],
  ['on graphs', pooled([repeat(5, [aggregate(), dense(), relu()])])],
];
