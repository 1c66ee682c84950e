import { z } from 'zod';
import { sameShape } from '../../ir/arch/index.ts';
import { mul } from '../../ir/scalar/index.ts';
import { k, q1 } from '../dual.ts';
import { defineOp } from '../op.ts';

/** h·mask/keep in training, a mask of its own for each sample and neuron; the identity in test mode. */
export const op = defineOp({
  name: 'dropout',
  summary:
    'in mode "train" neurons are kept with probability keep and divided by it, for each sample anew; identity in "test"',
  fields: { keep: z.number().gt(0).max(1), mode: z.enum(['train', 'test']).default('train') },
  shape: sameShape,
  kernel: ({ keep, mode }) =>
    mode === 'test'
      ? {
          kind: 'linear',
          name: 'dropout, test mode: identity',
          source: 'definition',
          nngp: (_, v) => v,
          tangent: (_, t) => t,
        }
      : {
          kind: 'covariance',
          name: `dropout, training: diagonal divided by ${keep}`,
          source: 'neural-tangents Dropout',
          // E mask mask' = keep² for two samples, E mask² = keep for one.
          kappa: k,
          noisyKappa: mul(1 / keep, q1),
          needs: 'hidden',
          because: 'and its few features do not average the masks out',
          neurons: 'masked',
        },
  forward: ({ keep, mode }, b, [input]) =>
    mode === 'test' ? (input as number) : b.multiply([input as number, b.mask(input as number, keep)]),
  examples: [{ keep: 0.8 }, { keep: 0.5, mode: 'test' }],
});
