import { describe, expect, it } from 'vitest';
import { increasingTrees, neighboursOf } from './increasing.ts';

describe('increasingTrees', () => {
  it('are (r−1)!, all different, each node after its parent', () => {
    const counts = [2, 3, 4, 5, 6, 7].map((order) => increasingTrees(order).length);
    expect(counts).toEqual([1, 2, 6, 24, 120, 720]);
    for (const tree of increasingTrees(6)) for (const [i, parent] of tree.entries()) expect(parent).toBeLessThan(i);
    expect(new Set(increasingTrees(6).map(String)).size).toBe(120);
  });

  it('come in the order of the product rule', () => {
    expect(increasingTrees(3)).toEqual([
      [-1, 0, 0],
      [-1, 0, 1],
    ]);
    expect(increasingTrees(4)[3]).toEqual([-1, 0, 1, 0]);
  });

  it('have r − 1 edges, each known at both ends', () => {
    for (const tree of increasingTrees(5)) {
      const neighbours = neighboursOf(tree);
      expect(neighbours.flat()).toHaveLength(8);
      for (const [i, list] of neighbours.entries()) for (const j of list) expect(neighbours[j]).toContain(i);
    }
  });
});
