/** Exact division of sums, as polynomials in whatever their terms are made of. */
import { add, compare, type Expr, mul, neg, num, pow } from './expr.ts';
import { expand, type Monomial, monomialsOf } from './monomials.ts';

const maxSteps = 100;

/** The quotient a/b where b divides a without remainder; undefined where it does not. */
export function divideExactly(a: Expr, b: Expr): Expr | undefined {
  const divisor = leading(monomialsOf(b));
  if (divisor === undefined) return undefined;
  let rest = a;
  let quotient: Expr = num(0);
  for (let step = 0; step < maxSteps; step++) {
    const lead = leading(monomialsOf(rest));
    if (lead === undefined) return quotient;
    const part = ratio(lead, divisor);
    if (part === undefined) return undefined;
    quotient = add(quotient, part);
    rest = expand(add(rest, neg(expand(mul(part, b)))));
  }
  return undefined;
}

/** The largest monomial, by powers of the bases in their structural order (lexicographic). */
function leading(monomials: readonly Monomial[]): Monomial | undefined {
  const bases = [...new Set(monomials.flatMap((m) => [...m.powers.keys()]))].sort(compare);
  const larger = (m: Monomial, n: Monomial) => {
    const base = bases.find((b) => (m.powers.get(b) ?? 0) !== (n.powers.get(b) ?? 0));
    return base !== undefined && (m.powers.get(base) ?? 0) > (n.powers.get(base) ?? 0);
  };
  return monomials.reduce<Monomial | undefined>(
    (best, m) => (best === undefined || larger(m, best) ? m : best),
    undefined,
  );
}

function ratio(m: Monomial, n: Monomial): Expr | undefined {
  const bases = new Set([...m.powers.keys(), ...n.powers.keys()]);
  const powers = [...bases].map((b) => [b, (m.powers.get(b) ?? 0) - (n.powers.get(b) ?? 0)] as const);
  if (powers.some(([, x]) => x < 0)) return undefined;
  return mul(m.coefficient / n.coefficient, ...powers.map(([b, x]) => pow(b, x)));
}
