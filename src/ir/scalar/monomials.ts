/** Sums as lists of monomials, and multiplying out. */
import { add, type Expr, mul, num, pow } from './expr.ts';

/** coefficient · Π base^power. */
export interface Monomial {
  readonly coefficient: number;
  readonly powers: ReadonlyMap<Expr, number>;
}

export const monomialsOf = (e: Expr): readonly Monomial[] => {
  if (e.kind === 'num') return e.value === 0 ? [] : [{ coefficient: e.value, powers: new Map() }];
  if (e.kind !== 'add') return [{ coefficient: 1, powers: powersOf(e) }];
  const constant = e.constant === 0 ? [] : [{ coefficient: e.constant, powers: new Map<Expr, number>() }];
  return [...constant, ...e.terms.map((t) => ({ coefficient: t.coefficient, powers: powersOf(t.term) }))];
};
const powersOf = (e: Expr) => new Map(e.kind === 'mul' ? e.factors.map((f) => [f.base, f.exponent]) : [[e, 1]]);

export const fromMonomial = (m: Monomial): Expr => mul(m.coefficient, ...[...m.powers].map(([b, x]) => pow(b, x)));

const maxExpandedPower = 4;
const maxExpandedTerms = 256;

/** Multiplies out products and small whole powers of sums; a product of more than `maxExpandedTerms` terms stays. */
export function expand(e: Expr): Expr {
  if (e.kind === 'add') return add(e.constant, ...e.terms.map((t) => mul(t.coefficient, expand(t.term))));
  if (e.kind !== 'mul') return e;
  let sums: readonly Expr[] = [num(1)];
  for (const f of e.factors) {
    const whole =
      f.base.kind === 'add' && Number.isInteger(f.exponent) && f.exponent > 0 && f.exponent <= maxExpandedPower;
    const repeated = whole ? Array.from({ length: f.exponent }, () => f.base) : [pow(f.base, f.exponent)];
    for (const r of repeated) {
      const terms = termsOf(r);
      if (sums.length * terms.length > maxExpandedTerms) return e;
      sums = sums.flatMap((s) => terms.map((t) => mul(s, t)));
    }
  }
  return add(...sums);
}

const termsOf = (e: Expr): readonly Expr[] =>
  e.kind !== 'add'
    ? [e]
    : [...(e.constant === 0 ? [] : [num(e.constant)]), ...e.terms.map((t) => mul(t.coefficient, t.term))];
