import { positionsOf } from '../../ir/program/index.ts';
import { defineOp } from '../op.ts';
import { requirePositions } from '../positions.ts';

/** K ← the mean of K[p p] over positions, as the next layer's mean over its inputs; T likewise. */
export const op = defineOp({
  name: 'flatten',
  summary: 'all positions and channels in one vector; a dense must follow before an activation',
  fields: {},
  shape: (_, [input = []]) => {
    requirePositions(input, 'Remove it.');
    return [positionsOf(input)];
  },
  kernel: (_, { extents }) => {
    const scale = 1 / positionsOf(extents);
    return {
      kind: 'linear',
      name: 'flatten: mean over equal positions',
      source: 'neural-tangents Flatten',
      nngp: (b, k) => b.reduce(k, 'diagonal', scale),
      tangent: (b, t) => b.reduce(t, 'diagonal', scale),
      neurons: 'flattened',
    };
  },
  forward: (_, b, [input]) => b.flatten(input as number),
  examples: [{}],
  exampleInput: [2, 3, 2],
});
