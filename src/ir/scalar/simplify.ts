/**
 * Simplification beyond the canonical form: sums are brought over a common factor and multiplied out where that makes
 * them smaller. Enough to turn ∂κ/∂k of the ReLU family into (π − θ)/2π, where the 0/0 at equal inputs is gone.
 */
import { divideExactly } from './divide.ts';
import { add, type Expr, mul, pow } from './expr.ts';
import { expand, fromMonomial, type Monomial, monomialsOf } from './monomials.ts';
import { mapChildren, size } from './walk.ts';

const settled = new WeakSet<Expr>();

export function simplify(e: Expr): Expr {
  if (settled.has(e)) return e;
  let current = mapChildren(e, simplify);
  for (;;) {
    const smaller = rewrites(current).find((r) => size(r) < size(current));
    if (smaller === undefined) break;
    current = mapChildren(smaller, simplify);
  }
  settled.add(current);
  return current;
}

function rewrites(e: Expr): readonly Expr[] {
  if (e.kind === 'add') return [...factorings(e), expand(e)];
  if (e.kind === 'mul') return [expand(e), ...cancellations(e)];
  return [];
}

/**
 * The terms over a common factor b^m, multiplied out: for every base b that occurs with a negative power m, and for all
 * of them at once. With m = −½ only terms with half-integer powers of b take part: the others would only gain a root.
 */
function factorings(e: Expr): readonly Expr[] {
  const monomials = monomialsOf(e);
  const lowest = new Map<Expr, number>();
  for (const m of monomials)
    for (const [b, x] of m.powers) if (b.kind === 'add') lowest.set(b, Math.min(lowest.get(b) ?? 0, x));
  const bases = [...lowest].filter(([, x]) => x < 0);
  const choices = bases.length > 1 ? [bases, ...bases.map((b) => [b])] : [bases];
  return choices.filter((chosen) => chosen.length > 0).map((chosen) => overCommonFactor(monomials, chosen));
}

function overCommonFactor(monomials: readonly Monomial[], factors: readonly (readonly [Expr, number])[]): Expr {
  const takesPart = (m: Monomial) => factors.every(([b, x]) => Number.isInteger((m.powers.get(b) ?? 0) - x));
  const lifted = monomials.filter(takesPart).map((m) => {
    const powers = new Map(m.powers);
    for (const [b, x] of factors) powers.set(b, (powers.get(b) ?? 0) - x);
    return expand(fromMonomial({ ...m, powers }));
  });
  const others = monomials.filter((m) => !takesPart(m)).map(fromMonomial);
  return add(mul(...factors.map(([b, x]) => pow(b, x)), add(...lifted)), ...others);
}

/** b^m · f with m < 0 and f divisible by b: one power of b less. */
function cancellations(e: Extract<Expr, { kind: 'mul' }>): readonly Expr[] {
  const below = e.factors.filter((f) => f.exponent < 0 && f.base.kind === 'add');
  const sums = e.factors.filter((f) => f.exponent === 1 && f.base.kind === 'add');
  return below.flatMap((b) =>
    sums.flatMap((s) => {
      const quotient = divideExactly(s.base, b.base);
      if (quotient === undefined) return [];
      const others = e.factors.filter((f) => f !== b && f !== s).map((f) => pow(f.base, f.exponent));
      return [mul(pow(b.base, b.exponent + 1), quotient, ...others)];
    }),
  );
}
