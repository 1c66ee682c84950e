import { defineActivation } from '../activation.ts';
import { real } from '../fields.ts';
import { piecewiseLinear, slopesOf } from '../piecewiseLinear.ts';

export const op = defineActivation({
  name: 'abRelu',
  summary: 'a·min(x, 0) + b·max(x, 0)',
  fields: { a: real, b: real },
  source: 'neural-tangents ABRelu; ntk-survey-golikov2022 (85) for a = 0, b = 1',
  activation: ({ a, b }) => piecewiseLinear(a, b, `${a}\\min(0, x) + ${b}\\max(0, x)`),
  examples: [
    { a: -1, b: 1 },
    { a: 0.3, b: 1.2 },
  ],
  recognise: slopesOf,
});
