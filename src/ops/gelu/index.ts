import { add, call, div, mul, pi, pow, simplify, sqrt, sub } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';
import { sameSmoothFunction } from '../kinks.ts';

const M = mul(add(1, q1), add(1, q2));
const D2 = simplify(sub(M, pow(k, 2)));
const D = sqrt(D2);
const angle = call('atan2', k, D);

/** κ = k/4 + [(k² + qq'D²)/(M D) + k·atan2(k, D)]/2π, M = (1+q)(1+q'), D = √(M − k²). */
const kappa = add(
  mul(0.25, k),
  mul(0.5, pow(pi, -1), add(div(add(pow(k, 2), mul(q1, q2, D2)), mul(M, D)), mul(k, angle))),
);

const phi = mul(0.5, x, add(1, call('erf', mul(2 ** -0.5, x))));

export const op = defineActivation({
  name: 'gelu',
  summary: 'x·Φ(x), Φ the standard normal distribution function (exact form)',
  fields: {},
  source: 'neural-tangents Gelu',
  activation: () => ({
    phi,
    phiTex: 'x\\,\\Phi(x)',
    dual: closedDual(kappa, {
      labels: [
        { letter: 'd', tex: 'D', text: 'D', expr: D },
        { letter: 'angle', tex: '\\vartheta', text: 'ϑ', expr: angle },
      ],
    }),
  }),
  examples: [{}],
  recognise: (other) => (sameSmoothFunction(other, phi) ? {} : undefined),
});
