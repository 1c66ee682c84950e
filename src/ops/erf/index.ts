import { add, call, mul, pi, pow, simplify, sqrt } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, determinant, k, q1, q2, x } from '../dual.ts';

// R² = (1+2q)(1+2q') − 4k², written as 1 + 2q + 2q' + 4(qq' − k²).
const R = sqrt(simplify(add(1, mul(2, q1), mul(2, q2), mul(4, determinant))));

/** κ = (2/π) asin(2k/√((1+2q)(1+2q'))) = (2/π) atan2(2k, R): the second form keeps its digits near equal inputs. */
const kappa = mul(2, pow(pi, -1), call('atan2', mul(2, k), R));

export const op = defineActivation({
  name: 'erf',
  summary: 'the error function',
  fields: {},
  source: 'williams1997 (11); as neural-tangents Erf',
  activation: () => ({
    phi: call('erf', x),
    phiTex: '\\operatorname{erf}(x)',
    dual: closedDual(kappa, { labels: [{ letter: 'r', tex: 'R', text: 'R', expr: R }] }),
  }),
  examples: [{}],
  recognise: (phi) => (phi === call('erf', x) ? {} : undefined),
});
