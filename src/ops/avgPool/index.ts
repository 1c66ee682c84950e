import { z } from 'zod';
import { defineOp } from '../op.ts';
import { poolingAxes, poolingFields, poolingRule, poolingWindow } from '../pooling.ts';
import { windowed } from '../window.ts';

const weightOf =
  ({ normalizeEdges }: { readonly normalizeEdges: boolean }) =>
  (valid: number, size: number): number =>
    1 / (normalizeEdges ? valid : size);

export const op = defineOp({
  name: 'avgPool',
  alsoCalled: { averagePooling: {}, meanPool: {} },
  summary: 'mean over a window; at padded edges over its positions there with normalizeEdges, else over all',
  fields: { ...poolingFields, normalizeEdges: z.boolean().default(false) },
  shape: (f, [input = []]) => [...windowed(input, poolingWindow(f), 'window'), input.at(-1) as number],
  kernel: (f, context) =>
    poolingRule(
      'mean over a window on both sides',
      'neural-tangents AvgPool',
      poolingAxes(f, context.extents, weightOf(f)),
    ),
  forward: (f, b, [input]) => b.positionMap(input as number, poolingAxes(f, b.extentsOf(input as number), weightOf(f))),
  examples: [
    { window: [2, 2] },
    { window: [3, 2], strides: [2, 1], padding: 'same', normalizeEdges: true },
    { window: [2, 3], padding: 'circular' },
  ],
  exampleInput: [3, 4, 2],
});
