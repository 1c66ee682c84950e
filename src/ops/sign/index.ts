import { add, call, mul, num, pi, pow, sqrt } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, determinant, k, q1, q2, x } from '../dual.ts';

const angle = call('atan2', sqrt(determinant), k);

/** κ = 1 − 2ϑ/π, ϑ the angle between the inputs; 0 where one of them is 0, as sign(0) is. */
const kappa = mul(call('sign', q1), call('sign', q2), add(1, mul(-2, pow(pi, -1), angle)));

export const op = defineActivation({
  name: 'sign',
  summary: 'the sign; its derivative is taken as 0, so no gradient passes it',
  fields: {},
  source: 'neural-tangents Sign',
  activation: () => ({
    phi: call('sign', x),
    phiTex: '\\operatorname{sign}(x)',
    dual: closedDual(kappa, {
      dotKappa: num(0),
      labels: [{ letter: 'angle', tex: '\\vartheta', text: 'ϑ', expr: angle }],
    }),
  }),
  examples: [{}],
  recognise: (phi) => (phi === call('sign', x) ? {} : undefined),
});
