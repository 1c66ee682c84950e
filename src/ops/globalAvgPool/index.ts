import { positionsOf } from '../../ir/program/index.ts';
import { defineOp } from '../op.ts';
import { positionSum, requirePositions } from '../positions.ts';

/** K ← the mean of K[p p'] over all pairs of positions; T likewise. */
export const op = defineOp({
  name: 'globalAvgPool',
  summary: 'mean over all positions',
  fields: {},
  shape: (_, [input = []]) => {
    requirePositions(input, 'Remove it, or put it after a conv().');
    return [input.at(-1) as number];
  },
  kernel: (_, { extents }) => {
    const scale = 1 / positionsOf(extents) ** 2;
    return {
      kind: 'linear',
      name: 'mean over all pairs of positions',
      source: 'neural-tangents GlobalAvgPool',
      nngp: (b, k) => b.reduce(k, 'all', scale),
      tangent: (b, t) => b.reduce(t, 'all', scale),
    };
  },
  forward: (_, b, [input]) => positionSum(b, input as number, 'mean'),
  examples: [{}],
  exampleInput: [2, 3, 2],
});
