import { z } from 'zod';
import { sameShape } from '../../ir/arch/index.ts';
import { formulaActivation, readFormula } from '../formula.ts';
import { defineOp } from '../op.ts';

/** Overflows nowhere, nor does its derivative. */
const sigmoid = '0.5 + 0.5*tanh(x/2)';
const silu = `x*(${sigmoid})`;
/** @derived tanh(log(1 + eˣ)) = ((1 + eˣ)² − 1)/((1 + eˣ)² + 1), and 1/(1 + eˣ) is sigmoid(−x). */
const mish = 'x*(1 - (0.5 - 0.5*tanh(x/2))^2)/(1 + (0.5 - 0.5*tanh(x/2))^2)';

/** Activations without an op of their own, as PyTorch and JAX define them. */
const formulas = {
  tanh: 'tanh(x)',
  sigmoid,
  logistic: sigmoid,
  silu,
  swish: silu,
  softplus: 'log1p(exp(x))', // smooth, which max(x, 0) + log1p(exp(-abs(x))) is not by its parts
  mish,
  elu: 'max(x, 0) + expm1(min(x, 0))',
  celu: 'max(x, 0) + expm1(min(x, 0))',
  selu: '1.0507009873554805*(max(x, 0) + 1.6732632423543772*expm1(min(x, 0)))',
  softsign: 'x/(1 + abs(x))',
  hardtanh: 'min(max(x, -1), 1)',
  relu6: 'min(max(x, 0), 6)',
  hardswish: 'x*min(max(x + 3, 0), 6)/6',
  hardsigmoid: 'min(max(x + 3, 0), 6)/6',
};

/** Any formula in x. */
export const op = defineOp({
  name: 'elementwise',
  alsoCalled: Object.fromEntries(Object.entries(formulas).map(([name, expr]) => [name, { expr }])),
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
