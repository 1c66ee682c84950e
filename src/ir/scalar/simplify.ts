/**
 * Simplification beyond the canonical form: sums are brought over a common factor and multiplied out where that makes
 * them smaller. Enough to turn ∂κ/∂k of the ReLU family into (π − θ)/2π, where the 0/0 at equal inputs is gone.
 */
import { add, type Expr, mul, num, pow } from './expr.ts';
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
  if (e.kind === 'mul') return [expand(e)];
  return [];
}

interface Monomial {
  readonly coefficient: number;
  readonly powers: ReadonlyMap<Expr, number>;
}

const monomialsOf = (e: Expr): readonly Monomial[] => {
  if (e.kind === 'num') return e.value === 0 ? [] : [{ coefficient: e.value, powers: new Map() }];
  if (e.kind !== 'add') return [{ coefficient: 1, powers: powersOf(e) }];
  const constant = e.constant === 0 ? [] : [{ coefficient: e.constant, powers: new Map<Expr, number>() }];
  return [...constant, ...e.terms.map((t) => ({ coefficient: t.coefficient, powers: powersOf(t.term) }))];
};
const powersOf = (e: Expr) => new Map(e.kind === 'mul' ? e.factors.map((f) => [f.base, f.exponent]) : [[e, 1]]);

const fromMonomial = (m: Monomial): Expr => mul(m.coefficient, ...[...m.powers].map(([b, x]) => pow(b, x)));

/** b^m · (what is left, multiplied out), for every base b that occurs with a negative or fractional power. */
function factorings(e: Expr): readonly Expr[] {
  const monomials = monomialsOf(e);
  const bases = new Map<Expr, number>();
  for (const m of monomials)
    for (const [b, x] of m.powers) if (b.kind === 'add') bases.set(b, Math.min(bases.get(b) ?? 0, x));
  return [...bases]
    .filter(([, lowest]) => lowest < 0)
    .map(([b, lowest]) => {
      const lifted = monomials.map((m) => {
        const powers = new Map(m.powers);
        powers.set(b, (powers.get(b) ?? 0) - lowest);
        return expand(fromMonomial({ ...m, powers }));
      });
      return mul(pow(b, lowest), add(...lifted));
    });
}

const maxExpandedPower = 4;

/** Multiplies out products and small whole powers of sums. */
function expand(e: Expr): Expr {
  if (e.kind === 'add') return add(e.constant, ...e.terms.map((t) => mul(t.coefficient, expand(t.term))));
  if (e.kind !== 'mul') return e;
  let sums: readonly Expr[] = [num(1)];
  for (const f of e.factors) {
    const whole =
      f.base.kind === 'add' && Number.isInteger(f.exponent) && f.exponent > 0 && f.exponent <= maxExpandedPower;
    const repeated = whole ? Array.from({ length: f.exponent }, () => f.base) : [pow(f.base, f.exponent)];
    for (const r of repeated) sums = sums.flatMap((s) => termsOf(r).map((t) => mul(s, t)));
  }
  return add(...sums);
}

const termsOf = (e: Expr): readonly Expr[] =>
  e.kind !== 'add'
    ? [e]
    : [...(e.constant === 0 ? [] : [num(e.constant)]), ...e.terms.map((t) => mul(t.coefficient, t.term))];
