import { add, call, div, mul, neg, num, pow, simplify, sub } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, determinant, k, q1, q2, x } from '../dual.ts';

const S = add(q1, q2);
const Q = mul(4, determinant);
const D = simplify(add(mul(2, S), Q, 1));
const N = add(S, Q, mul(2, k));

/** κ = e^{−N/2D}(e^{2k/D} − 1)/(2√D), S = q + q', Q = 4(qq' − k²), D = 2S + Q + 1, N = S + Q + 2k. */
const kappa = mul(
  0.5,
  pow(D, -0.5),
  call('exp', neg(div(mul(0.5, N), D))),
  sub(call('exp', div(mul(2, k), D)), num(1)),
);

export const op = defineActivation({
  name: 'gabor',
  summary: 'exp(−x²)·sin(x)',
  fields: {},
  source: 'neural-tangents Gabor',
  activation: () => ({
    phi: mul(call('exp', neg(pow(x, 2))), call('sin', x)),
    phiTex: 'e^{-x^2}\\sin(x)',
    dual: closedDual(kappa),
  }),
  examples: [{}],
});
