import { defineOp } from '../op.ts';
import { requirePositions } from '../positions.ts';

/** K ← the mean of K[p p'] over all pairs of positions; T likewise. */
export const op = defineOp({
  name: 'globalAvgPool',
  alsoCalled: { gap: {}, globalAveragePooling: {} },
  summary: 'mean over all positions',
  fields: {},
  shape: (_, [input = []]) => {
    requirePositions(input, 'Remove it, or put it after a conv().');
    return [input.at(-1) as number];
  },
  kernel: () => ({
    kind: 'linear',
    name: 'mean over all pairs of positions',
    source: 'neural-tangents GlobalAvgPool',
    nngp: (b, k) => b.meanOverAll(k),
    tangent: (b, t) => b.meanOverAll(t),
  }),
  forward: (_, b, [input]) => b.meanOverPositions(input as number),
  examples: [{}],
  exampleInput: [2, 3, 2],
});
