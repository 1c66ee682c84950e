import { GaussianVector } from './covariance.ts';
import { derivativeOf, type Piece, type Pieces, parallelProduct } from './pieces.ts';
import { reduced } from './reduce.ts';

/** fn^(order)(u_slot). */
export interface MomentFactor {
  readonly slot: number;
  readonly order: number;
  readonly fn: 'phi' | 'square' | 'slopeSquare';
}

/**
 * E Π factors, every slot at most once, in any order.
 * @param ratio c of `square` φ(u)φ(cu) and `slopeSquare` φ'(u)φ'(cu).
 */
export type Moments = (factors: readonly MomentFactor[], ratio: number) => number;

/**
 * Moments of φ(u) = E p(u + √noise z) by the calculus of expectations: each factor has a z of its own, so the noise only
 * adds to the diagonal of the covariance.
 */
export function pieceMoments(pieces: Pieces, noise: number, covariance: Float64Array): Moments {
  const n = Math.sqrt(covariance.length);
  const vector = new GaussianVector(covariance.map((s, k) => (k % (n + 1) === 0 ? s + noise : s)));
  const memo = new Map<string, number>();
  return (factors, ratio) => {
    const sorted = [...factors].sort((a, b) => a.slot - b.slot);
    const key = sorted.map(({ slot, fn, order }) => `${slot}${fn}${order}`).join(' ');
    const known = memo.get(key);
    if (known !== undefined) return known;
    const choices = sorted.map(({ fn, order }) => derivativeOf(base(pieces, fn, ratio), order));
    let sum = 0;
    combine(choices, (coefficient, chosen) => {
      const expectation = { factors: chosen.map((piece, k) => ({ point: sorted[k]!.slot, piece })), given: [] };
      sum += coefficient * vector.value(reduced(expectation));
    });
    memo.set(key, sum);
    return sum;
  };
}

function base(pieces: Pieces, fn: MomentFactor['fn'], ratio: number): Pieces {
  if (fn === 'phi') return pieces;
  return parallelProduct(fn === 'square' ? pieces : derivativeOf(pieces, 1), ratio);
}

/** Every way to choose one piece of each sum. */
function combine(choices: readonly Pieces[], visit: (coefficient: number, chosen: readonly Piece[]) => void): void {
  const go = (at: number, coefficient: number, chosen: readonly Piece[]): void => {
    const options = choices[at];
    if (options === undefined) visit(coefficient, chosen);
    else for (const o of options) go(at + 1, coefficient * o.coefficient, [...chosen, o.piece]);
  };
  go(0, 1, []);
}
