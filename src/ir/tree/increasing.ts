/** Increasing trees: what the terms of K_r are indexed by. */

/**
 * A tree on nodes 0 .. r−1 in which every node but 0 hangs on an earlier one: parents[i] < i, parents[0] = −1.
 * Node i stands for sample i of K_r, an edge for a contraction over all parameters.
 */
export type IncreasingTree = readonly number[];

/**
 * The (r−1)! increasing trees on r nodes, in the order of the product rule: K_{r+1} lets ∇ fall on node 0, 1, .. of
 * each term of K_r in turn, and what it falls on is where node r hangs.
 * @eq lantk Appendix B.1, the program that yields (11)
 */
export function increasingTrees(order: number): readonly IncreasingTree[] {
  if (order <= 1) return [[-1]];
  return increasingTrees(order - 1).flatMap((tree) => tree.map((_, node) => [...tree, node]));
}

/** neighbours[i]: the nodes that share an edge with i, in increasing order. */
export function neighboursOf(tree: IncreasingTree): readonly (readonly number[])[] {
  return tree.map((parent, node) => {
    const below = tree.flatMap((p, child) => (p === node ? [child] : []));
    return parent < 0 ? below : [parent, ...below];
  });
}
