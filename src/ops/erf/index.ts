import { call } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { x } from '../dual.ts';
import { erfFamily } from '../erfFamily.ts';

export const op = defineActivation({
  name: 'erf',
  summary: 'the error function',
  fields: {},
  source: 'williams1997 (11); as neural-tangents Erf',
  activation: () => erfFamily(1, 1, 0, '\\operatorname{erf}(x)'),
  examples: [{}],
  recognise: (phi) => (phi === call('erf', x) ? {} : undefined),
});
