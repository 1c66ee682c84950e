import { sameShape } from '../../ir/arch/index.ts';
import { count } from '../fields.ts';
import { defineOp } from '../op.ts';

export const op = defineOp({
  name: 'repeat',
  alsoCalled: { sequential: {}, stack: {} },
  summary: 'its layers, times times over, with parameters of their own each time',
  fields: { times: count.max(10_000) },
  nests: 'layers',
  shape: sameShape,
  copies: ({ times }) => times,
  examples: [{ times: 3, layers: [{ op: 'relu' }, { op: 'dense', wStd: 1.3, bStd: 0.1 }] }],
});
