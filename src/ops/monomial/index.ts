import { pow } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, x } from '../dual.ts';
import { count } from '../fields.ts';
import { monomial, polynomialDual } from '../wick.ts';

export const op = defineActivation({
  name: 'monomial',
  summary: 'x^degree',
  fields: { degree: count.max(20) },
  source: 'neural-tangents Monomial; @derived by Hermite polynomials',
  activation: ({ degree }) => ({
    phi: pow(x, degree),
    phiTex: `x^{${degree}}`,
    dual: closedDual(polynomialDual(monomial(degree))),
  }),
  examples: [{ degree: 3 }, { degree: 2 }],
});
