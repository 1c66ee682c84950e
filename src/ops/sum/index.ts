import { commonShape } from '../../ir/arch/index.ts';
import { add } from '../../ir/scalar/index.ts';
import { defineOp } from '../op.ts';

/** Branches side by side, added: [] is the identity, so a residual block is a sum with []. */
export const op = defineOp({
  name: 'sum',
  alsoCalled: { residual: {}, skip: {}, add: {} },
  summary: 'sum of branches; [] is the identity (a residual connection)',
  fields: {},
  nests: 'branches',
  shape: commonShape,
  kernel: () => ({
    kind: 'join',
    name: 'sum of independent branches',
    source: 'neural-tangents FanInSum',
    neurons: 'added',
    nngp: (b, ks) => b.lift(ks, add),
    tangent: (b, ts) => b.lift(ts, add),
  }),
  forward: (_, b, inputs) => b.add(inputs),
  examples: [{ branches: [[], [{ op: 'relu' }, { op: 'dense', wStd: 1.2, bStd: 0.1 }]] }],
});
