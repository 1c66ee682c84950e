import { defineOp } from '../op.ts';
import { requirePositions } from '../positions.ts';

/**
 * z[P] = Σ_p A[P p] h[p], A the pattern that comes with the sample: A[P p] is the weight of the edge from node p to node P.
 * The nodes of the graph are the positions of the input, along however many axes.
 * K ← A K A'ᵀ, T likewise.
 */
export const op = defineOp({
  name: 'aggregate',
  alsoCalled: { graphConv: {}, gcn: {} },
  summary: 'graph convolution: a sum over neighbours, weighted by the pattern that comes with each input',
  fields: {},
  shape: (_, [input = []]) => {
    requirePositions(input, 'Give the nodes an axis of their own: [nodes, features].');
    return input;
  },
  kernel: (_, { extents }) => ({
    kind: 'linear',
    name: 'sum over neighbours on both sides',
    source: 'neural-tangents Aggregate',
    nngp: (b, k) => b.contract(k, b.pattern(extents)),
    tangent: (b, t) => b.contract(t, b.pattern(extents)),
  }),
  forward: (_, b, [input]) => b.matrixProduct(b.pattern(), input as number, { scale: 1, transposed: false }),
  examples: [{}],
  exampleInput: [4, 3],
});
