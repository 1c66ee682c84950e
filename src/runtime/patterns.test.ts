import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patternsOfEdges } from './patterns.ts';

describe('patterns of graphs by their edges', () => {
  it('weigh the edge from a node to another at [to from]', () => {
    // A path 0 → 1 → 2 with a loop at 2 given twice.
    expect([
      ...patternsOfEdges(
        [
          [
            [0, 1],
            [1, 2, 0.5],
            [2, 2, 1],
            [2, 2, 2],
          ],
        ],
        3,
      ),
    ]).toEqual([0, 0, 0, 1, 0, 0, 0, 0.5, 3]);
    expect([...patternsOfEdges([[], [[1, 0, -2]]], 2)]).toEqual([0, 0, 0, 0, 0, -2, 0, 0]);
  });

  it('are the sum over edges of A[to] h[from], for any graphs', () => {
    const nodes = 4;
    const edge = fc.tuple(fc.nat(nodes - 1), fc.nat(nodes - 1), fc.double({ min: -2, max: 2, noNaN: true }));
    fc.assert(
      fc.property(
        fc.array(edge, { maxLength: 12 }),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: nodes, maxLength: nodes }),
        (edges, h) => {
          const sums = new Array<number>(nodes).fill(0);
          for (const [from, to, weight] of edges) sums[to] = (sums[to] as number) + weight * (h[from] as number);
          const A = patternsOfEdges([edges], nodes);
          for (const [to, sum] of sums.entries())
            expect(h.reduce((all, v, from) => all + (A[to * nodes + from] as number) * v, 0)).toBeCloseTo(sum, 12);
        },
      ),
    );
  });

  it.each([
    [[[0, 3]], /\[0,3\] is no edge.*graphs\[0\]\[0\].*0 to 2/],
    [
      [
        [0, 1],
        [0.5, 1],
      ],
      /graphs\[0\]\[1\]/,
    ],
    [[[0, 1, Number.NaN]], /graphs\[0\]\[0\]/],
    [[[0, -1]], /graphs\[0\]\[0\]/],
  ] as const)('refuse %j', (edges, message) => {
    expect(() => patternsOfEdges([edges], 3)).toThrow(message);
  });
});
