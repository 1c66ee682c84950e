import { add, call, mul } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';

/** κ = E e^{u+v} = exp((q + q')/2 + k). */
const kappa = call('exp', add(mul(0.5, q1), mul(0.5, q2), k));

export const op = defineActivation({
  name: 'exp',
  summary: 'the exponential function',
  fields: {},
  source: 'neural-tangents Exp; @derived from the moment generating function',
  activation: () => ({ phi: call('exp', x), phiTex: 'e^{x}', dual: closedDual(kappa) }),
  examples: [{}],
  recognise: (phi) => (phi === call('exp', x) ? {} : undefined),
});
