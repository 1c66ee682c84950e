import { defineActivation } from '../activation.ts';
import { piecewiseLinear, slopesOf } from '../piecewiseLinear.ts';

export const op = defineActivation({
  name: 'relu',
  summary: 'max(x, 0), not normalised (wStd = √2 gives He scaling)',
  fields: {},
  source: 'ntk-survey-golikov2022 (85), (86)',
  activation: () => piecewiseLinear(0, 1, '\\max(0, x)'),
  examples: [{}],
  recognise: (phi) => {
    const slopes = slopesOf(phi);
    return slopes?.a === 0 && slopes.b === 1 ? {} : undefined;
  },
});
