import { defineOp } from '../op.ts';
import { poolingAxes, poolingFields, poolingRule, poolingWindow } from '../pooling.ts';
import { windowed } from '../window.ts';

export const op = defineOp({
  name: 'sumPool',
  summary: 'sum over a window',
  fields: poolingFields,
  shape: (f, [input = []]) => [...windowed(input, poolingWindow(f), 'window'), input.at(-1) as number],
  kernel: (f, context) =>
    poolingRule(
      'sum over a window on both sides',
      'neural-tangents SumPool',
      poolingAxes(f, context.extents, () => 1),
    ),
  forward: (f, b, [input]) =>
    b.positionMap(
      input as number,
      poolingAxes(f, b.extentsOf(input as number), () => 1),
    ),
  examples: [{ window: [2, 2] }, { window: [3, 2], strides: [1, 2], padding: 'same' }],
  exampleInput: [3, 4, 2],
});
