import { add, call, mul, pow } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';
import { real } from '../fields.ts';

export const op = defineActivation({
  name: 'gaussian',
  summary: 'a·exp(b·x²)',
  fields: { a: real.default(1), b: real.default(-1) },
  source: 'neural-tangents Gaussian',
  activation: ({ a, b }) => {
    // κ = a² D^{−1/2}, D = (1 − 2bq)(1 − 2bq') − 4b²k²: a Gaussian integral; finite while D > 0.
    const D = add(mul(add(1, mul(-2 * b, q1)), add(1, mul(-2 * b, q2))), mul(-4 * b * b, pow(k, 2)));
    return {
      phi: mul(a, call('exp', mul(b, pow(x, 2)))),
      phiTex: `${a === 1 ? '' : a}e^{${b === -1 ? '-' : b}x^2}`,
      dual: closedDual(mul(a * a, pow(D, -0.5))),
    };
  },
  examples: [{}, { a: 0.7, b: -0.4 }],
});
