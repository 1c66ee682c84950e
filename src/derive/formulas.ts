/** Formulas in the symbols k, q1, q2 of an op's rule, at a covariance and its variances. */
import { atX, atY } from '../ir/program/index.ts';
import { call, type Expr, num, simplify, substitute, sym, symbols } from '../ir/scalar/index.ts';

/** A diagonal expression as a pair statement reads it: its values at x, or at x'. */
export const readAt = (end: 'x' | 'y', e: Expr): Expr =>
  substitute(e, new Map(symbols(e).map((name) => [sym(name), sym(end === 'x' ? atX(name) : atY(name))])));

/** A formula in k, q1, q2 at a covariance, and the variances at both ends. */
export const onPair = (formula: Expr, k: Expr, variance: Expr): Expr =>
  substitute(
    formula,
    new Map([
      [sym('k'), k],
      [sym('q1'), readAt('x', variance)],
      [sym('q2'), readAt('y', variance)],
    ]),
  );

/** The diagonal of a formula in k, q1, q2: k is q, and so are the others unless they are averages. */
export function onDiagonal(formula: Expr, q: Expr, variance = q): Expr {
  if (q.kind !== 'sym' || variance !== q) return diagonalOf(formula, q, variance);
  const diagonal = diagonals.get(formula) ?? diagonalOf(formula, anyVariance, anyVariance);
  diagonals.set(formula, diagonal);
  return substitute(diagonal, new Map([[anyVariance, q]]));
}

/** Diagonals at a variance that has a name of its own, the same for every layer. */
const diagonals = new WeakMap<Expr, Expr>();
const anyVariance = sym('q');

function diagonalOf(formula: Expr, q: Expr, variance: Expr): Expr {
  const values = [
    [sym('k'), q],
    [sym('q1'), variance],
    [sym('q2'), variance],
  ] as const;
  return simplify(nonNegativeAngles(simplify(substitute(formula, new Map(values))), q));
}

/** atan2(0, q) = 0, q being a variance. */
function nonNegativeAngles(e: Expr, q: Expr): Expr {
  return substitute(e, new Map([[call('atan2', num(0), q), num(0)]]));
}
