import { z } from 'zod';
import { sameShape } from '../../ir/arch/index.ts';
import { formulaActivation, readFormula } from '../formula.ts';
import { defineOp } from '../op.ts';

/** Any formula in x. */
export const op = defineOp({
  name: 'elementwise',
  summary: 'any formula in x, in mathjs syntax, e.g. "x*tanh(x)"',
  fields: { expr: z.string().min(1), tolerance: z.number().positive().max(0.1).default(1e-10) },
  shape: ({ expr }, inputs) => {
    readFormula(expr);
    return sameShape(undefined, inputs);
  },
  kernel: ({ expr, tolerance }) => ({
    kind: 'activation',
    name: 'formula, dual activation by Hermite series',
    source: 'daniely2016 (dual activation); @derived',
    activation: formulaActivation(expr, tolerance),
  }),
  forward: ({ expr }, b, [input]) => b.elementwise(input as number, readFormula(expr)),
  examples: [{ expr: 'tanh(x)' }, { expr: 'x/(1+exp(-x))' }, { expr: 'min(max(x, -1), 1)' }],
});
