import { describe, expect, it } from 'vitest';
import { cutTreesOf } from './plan.ts';

describe('cutTreesOf', () => {
  it('has (r−1)! trees, each cut at one of its edges', () => {
    for (const order of [2, 3, 4, 5, 6]) {
      const trees = cutTreesOf(order);
      expect(trees).toHaveLength([1, 2, 6, 24, 120][order - 2]!);
      for (const { neighbours, edge } of trees) expect(neighbours[edge[0]]).toContain(edge[1]);
    }
  });

  it('cuts a path of four in its middle, a star at its last leaf', () => {
    const [star, path] = cutTreesOf(4);
    expect(star!.edge).toEqual([0, 3]);
    expect(path!.edge).toEqual([0, 1]); // of 2 − 0 − 1 − 3
  });
});
