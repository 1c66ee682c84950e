import { add, call, mul } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';
import { real } from '../fields.ts';

export const op = defineActivation({
  name: 'rbf',
  summary: '√2·sin(√(2·gamma)·x + π/4), whose kernel is the radial basis function',
  fields: { gamma: real.min(0) },
  source: 'neural-tangents Rbf',
  activation: ({ gamma }) => ({
    phi: mul(Math.SQRT2, call('sin', add(mul(Math.sqrt(2 * gamma), x), Math.PI / 4))),
    phiTex: `\\sqrt{2}\\sin(\\sqrt{${2 * gamma}}\\,x + \\tfrac{\\pi}{4})`,
    // κ = exp(−γ(q + q' − 2k)): the sinusoid of phase π/4, whose second exponential vanishes.
    dual: closedDual(call('exp', mul(-gamma, add(q1, q2, mul(-2, k))))),
  }),
  examples: [{ gamma: 0.5 }],
});
