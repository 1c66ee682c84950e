import { add, call, type Expr, mul } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';
import { real } from '../fields.ts';
import { asMultiple } from '../sinusoid.ts';

/** κ = a² E e^{b(u+v)} = a² exp(b² ((q + q')/2 + k)). */
const kappa = (a: number, b: number): Expr => mul(a * a, call('exp', mul(b * b, add(mul(0.5, q1), mul(0.5, q2), k))));

export const op = defineActivation({
  name: 'exp',
  summary: 'the exponential function, a·exp(b·x)',
  fields: { a: real.default(1), b: real.default(1) },
  source: 'neural-tangents Exp; @derived from the moment generating function',
  activation: ({ a, b }) => ({
    phi: mul(a, call('exp', mul(b, x))),
    phiTex: `${a === 1 ? '' : `${a}\\,`}e^{${b === 1 ? '' : b}x}`,
    dual: closedDual(kappa(a, b)),
  }),
  examples: [{}, { a: 0.8, b: -0.6 }],
  recognise: (phi) => {
    const { factor: a, rest } = asMultiple(phi);
    if (rest.kind !== 'call' || rest.fn !== 'exp') return undefined;
    const { factor: b, rest: variable } = asMultiple(rest.args[0] as Expr);
    return variable === x ? { a, b } : undefined;
  },
});
