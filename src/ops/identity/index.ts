import { sameShape } from '../../ir/arch/index.ts';
import { defineOp } from '../op.ts';

export const op = defineOp({
  name: 'identity',
  summary: 'its input, unchanged',
  fields: {},
  shape: sameShape,
  kernel: () => ({ kind: 'linear', name: 'identity', source: 'definition', nngp: (_, k) => k, tangent: (_, t) => t }),
  forward: (_, __, [input]) => input as number,
  examples: [{}],
});
