import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { add, mul } from '../../ir/scalar/index.ts';
import { affine } from '../affine.ts';
import { count, real, std } from '../fields.ts';
import { defineOp, type Kernel, type KernelBuilder, type LinearRule } from '../op.ts';

const fields = {
  wStd: std.default(1),
  bStd: std.default(0),
  parameterization: z.enum(['ntk', 'standard']).default('ntk'),
  width: count.optional(),
  ntkWeight: real.default(1),
};

/**
 * ntk parameterization: z = (wStd/√fanIn) W h + bStd b, all entries N(0, 1).
 * standard: z = W h + b, W ~ N(0, wStd²/fanIn), b ~ N(0, bStd²).
 */
export const op = defineOp({
  name: 'dense',
  alsoCalled: { linear: {}, fullyConnected: {}, fc: {} },
  summary: 'fully connected layer over the last axis',
  fields,
  shape: (f, [input]) => [...(input ?? []).slice(0, -1), f.width ?? Number.POSITIVE_INFINITY],
  kernel: ({ wStd, bStd, parameterization, ntkWeight }, { fanIn }): LinearRule => ({
    kind: 'linear',
    name:
      parameterization === 'ntk' ? 'dense, ntk parameterization' : `dense, standard parameterization (fan-in ${fanIn})`,
    source: parameterization === 'ntk' ? 'wntk-tan2021 (11)' : 'ntk-survey-golikov2022 §7',
    // K ← wStd² K + bStd²
    nngp: (b, k) => b.lift([k], (v) => add(mul(wStd * wStd, v), bStd * bStd)),
    tangent: (b, t) => b.lift([t], (v) => mul(wStd * wStd, v)),
    parameter: {
      weight: ntkWeight,
      term: parameterization === 'ntk' ? (_, __, after) => after : standardTerm(fanIn, bStd > 0),
    },
  }),
  forward: (f, b, [input]) => affine(f, b, input as number),
  examples: [{ wStd: 1.5, bStd: 0.2 }, {}],
});

/** ∂z/∂W = h, ∂z/∂b = 1: the term is fanIn·K + [1 if there is a bias]. */
function standardTerm(fanIn: number, bias: boolean) {
  return (b: KernelBuilder, before: Kernel): Kernel => {
    if (fanIn === Number.POSITIVE_INFINITY)
      throw new NtkcError({
        what: 'dense: its NTK in standard parameterization grows with the width of its input, which is not declared',
        expected: 'a width on the dense before it',
        next: 'Set width there, or use parameterization "ntk".',
      });
    return b.lift([before], (v) => add(mul(fanIn, v), bias ? 1 : 0));
  };
}
