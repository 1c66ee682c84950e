/** How a tree of K_r is contracted: cut at one edge into two subtrees, whose vectors meet in an inner product. */
import { type IncreasingTree, increasingTrees, neighboursOf } from '../../../ir/tree/index.ts';

export interface CutTree {
  readonly neighbours: readonly (readonly number[])[];
  /** The edge of the inner product. */
  readonly edge: readonly [number, number];
}

/**
 * Cuts where the larger part is smallest: small subtrees are shared by many tuples. Wherever the cut is, the vector of
 * a node of degree k + 1 needs k directions, one fewer than if the tree were rooted there. Of equal cuts the last one:
 * in tuples in lexicographic order the first samples then stay together.
 */
export function cutTree(tree: IncreasingTree): CutTree {
  const neighbours = neighboursOf(tree);
  const sizes = tree.map(() => 1);
  for (let node = tree.length - 1; node > 0; node--) sizes[tree[node]!] = sizes[tree[node]!]! + sizes[node]!;
  const larger = (child: number) => Math.max(sizes[child]!, tree.length - sizes[child]!);
  let cut = 1;
  for (let child = 2; child < tree.length; child++) if (larger(child) <= larger(cut)) cut = child;
  return { neighbours, edge: [tree[cut]!, cut] };
}

const plans = new Map<number, readonly CutTree[]>();

/** The cut trees of K_order, order >= 2. */
export function cutTreesOf(order: number): readonly CutTree[] {
  const known = plans.get(order);
  if (known !== undefined) return known;
  const trees = increasingTrees(order).map(cutTree);
  plans.set(order, trees);
  return trees;
}
