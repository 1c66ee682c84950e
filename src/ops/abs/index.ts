import { defineActivation } from '../activation.ts';
import { piecewiseLinear, slopesOf } from '../piecewiseLinear.ts';

export const op = defineActivation({
  name: 'abs',
  summary: 'the absolute value',
  fields: {},
  source: 'neural-tangents Abs',
  activation: () => piecewiseLinear(-1, 1, '|x|'),
  examples: [{}],
  recognise: (phi) => {
    const slopes = slopesOf(phi);
    return slopes?.a === -1 && slopes.b === 1 ? {} : undefined;
  },
});
