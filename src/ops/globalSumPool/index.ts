import { defineOp } from '../op.ts';
import { requirePositions } from '../positions.ts';

/** K ← the sum of K[p p'] over all pairs of positions; T likewise. */
export const op = defineOp({
  name: 'globalSumPool',
  summary: 'sum over all positions',
  fields: {},
  shape: (_, [input = []]) => {
    requirePositions(input, 'Remove it, or put it after a conv().');
    return [input.at(-1) as number];
  },
  kernel: () => ({
    kind: 'linear',
    name: 'sum over all pairs of positions',
    source: 'neural-tangents GlobalSumPool',
    nngp: (b, k) => b.reduce(k, 'all', 1),
    tangent: (b, t) => b.reduce(t, 'all', 1),
  }),
  forward: (_, b, [input]) => {
    const ones = b.extentsOf(input as number).map((n) => [{ from: 0, weights: Array(n).fill(1) }]);
    return b.flatten(b.positionMap(input as number, ones));
  },
  examples: [{}],
  exampleInput: [2, 3, 2],
});
