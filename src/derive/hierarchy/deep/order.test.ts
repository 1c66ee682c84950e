import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contractionTable, type Factor, PARAMETER, termOf } from '../../../ir/einsum/index.ts';
import { orderTable, rootMeanSquareOrder, termOrder } from './order.ts';
import { activation, contractionsOf } from './sums.ts';
import { withoutWeights } from './wick.ts';

const w = (layer: number, i: number, j: number): Factor => ({
  tensor: `W${layer}`,
  derivative: 0,
  sample: PARAMETER,
  indices: [i, j],
});

describe('rootMeanSquareOrder', () => {
  it.each([
    ['Σ_i a_i', [w(3, -1, 0)], 0.5],
    ['Σ_i a_i²', [w(3, -1, 0), w(3, -1, 0)], 1],
    // a random sign for every i: √m · |W v| with |W v|_i of order √m
    ['Σ_ij a_i W_ij', [w(3, -1, 0), w(2, 0, 1)], 1],
    // not centred: the activations at i know W_i
    ['Σ_ij W_ij', [w(2, 0, 1)], 1.5],
    ['Σ_ij W_ij²', [w(2, 0, 1), w(2, 0, 1)], 2],
    ['tr W Wᵀ W Wᵀ', [w(2, 0, 1), w(2, 2, 1), w(2, 2, 3), w(2, 0, 3)], 3],
    ['a chain of two layers', [w(4, -1, 0), w(3, 0, 1), w(2, 1, 2)], 1.5],
  ] as const)('%s', (_, weights, order) => {
    expect(rootMeanSquareOrder(weights)).toBe(order);
  });

  it('is half the order of E c², all of its pairings written out', () => {
    const edge = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 3, max: 5 }));
    fc.assert(
      fc.property(fc.array(edge, { minLength: 1, maxLength: 3 }), (edges) => {
        const table = contractionTable();
        const factors = [
          ...edges.map(([i, j]) => w(2, i, j)),
          ...[...new Set(edges.map(([i]) => i))].map((i) => activation(2, 0, 0, i)),
          ...[...new Set(edges.map(([, j]) => j))].map((j) => activation(1, 0, 0, j)),
        ];
        const copy = factors.map((f) => ({ ...f, indices: f.indices.map((index) => index + 6) }));
        const square = termOf(1, [0, 0, 0], contractionsOf([...factors, ...copy], table));
        const wick = { layer: 2, layers: 3, table, isSmall: () => false };
        const { terms } = withoutWeights([square], wick);
        const orderOf = orderTable();
        const orders = terms.map((term) => termOrder(term, orderOf));
        const parts = contractionsOf(factors, table).map((c) => rootMeanSquareOrder(c.factors.filter(isW)));
        expect(Math.max(...orders)).toBe(2 * parts.reduce((a, b) => a + b, 0));
      }),
      { numRuns: 60 },
    );
  });
});

const isW = ({ tensor }: Factor): boolean => tensor.startsWith('W');
