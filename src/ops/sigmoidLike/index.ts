import { defineActivation } from '../activation.ts';
import { erfFamily } from '../erfFamily.ts';

/** The slope for which the error function is nearest to the logistic function, as the source has it. */
const b = 2.4020563531719796;

export const op = defineActivation({
  name: 'sigmoidLike',
  summary: '(1 + erf(x/2.402))/2, within 0.01 of the logistic function and with a closed form',
  fields: {},
  source: 'williams1997 (11); as neural-tangents Sigmoid_like',
  activation: () => erfFamily(0.5, 1 / b, 0.5, '\\tfrac12 + \\tfrac12\\operatorname{erf}(x/2.402)'),
  examples: [{}],
});
