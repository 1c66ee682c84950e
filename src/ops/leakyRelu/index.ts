import { defineActivation } from '../activation.ts';
import { real } from '../fields.ts';
import { piecewiseLinear } from '../piecewiseLinear.ts';

export const op = defineActivation({
  name: 'leakyRelu',
  alsoCalled: { prelu: {} },
  summary: 'max(x, 0) + slope·min(x, 0)',
  fields: { slope: real },
  source: 'neural-tangents LeakyRelu; ntk-survey-golikov2022 (85) for slope 0',
  activation: ({ slope }) => piecewiseLinear(slope, 1, `\\max(0, x) + ${slope}\\min(0, x)`),
  examples: [{ slope: 0.2 }, { slope: -0.5 }],
});
