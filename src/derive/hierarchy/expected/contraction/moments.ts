/** Moments of an activation as expressions: what moments.ts computes as numbers. */
import { add, type Expr, mul } from '../../../../ir/scalar/index.ts';
import type { MomentFactor } from '../moments.ts';
import { derivativeOf, type Piece, type Pieces, parallelProduct } from '../pieces.ts';
import type { TupleBuilder } from './builder.ts';

/**
 * E Π factors, one a slot, in ascending slots.
 * @param ratio as for Moments
 */
export type WriteMoment = (builder: TupleBuilder, factors: readonly MomentFactor[], ratio: number) => Expr;

/** For φ(u) = E p(u + noise), the variance of the noise being part of q. */
export const pieceWriter =
  (pieces: Pieces): WriteMoment =>
  (builder, factors, ratio) => {
    const base = (fn: MomentFactor['fn']) =>
      fn === 'phi' ? pieces : parallelProduct(fn === 'square' ? pieces : derivativeOf(pieces, 1), ratio);
    const chosen = factors.reduce<readonly Choice[]>(
      (before, { fn, order }) =>
        before.flatMap(({ coefficient, list }) =>
          derivativeOf(base(fn), order).map((next) => ({
            coefficient: coefficient * next.coefficient,
            list: [...list, next.piece],
          })),
        ),
      [{ coefficient: 1, list: [] }],
    );
    return add(
      ...chosen.map(({ coefficient, list }) =>
        mul(
          coefficient,
          builder.expectation({
            factors: list.map((piece, k) => ({ point: (factors[k] as MomentFactor).slot, piece })),
            given: [],
          }),
        ),
      ),
    );
  };

interface Choice {
  readonly coefficient: number;
  readonly list: readonly Piece[];
}
