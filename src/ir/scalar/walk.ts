import { call } from './call.ts';
import { add, type Expr, mul, pow } from './expr.ts';

/** Direct subexpressions, in printing order. */
export function children(e: Expr): readonly Expr[] {
  switch (e.kind) {
    case 'num':
    case 'sym':
      return [];
    case 'add':
      return e.terms.map((t) => t.term);
    case 'mul':
      return e.factors.map((f) => f.base);
    case 'call':
      return e.args;
  }
}

/** The expression with every direct subexpression replaced, in canonical form again. */
export function mapChildren(e: Expr, f: (child: Expr) => Expr): Expr {
  switch (e.kind) {
    case 'num':
    case 'sym':
      return e;
    case 'add':
      return add(e.constant, ...e.terms.map((t) => mul(t.coefficient, f(t.term))));
    case 'mul':
      return mul(...e.factors.map((x) => pow(f(x.base), x.exponent)));
    case 'call':
      return call(e.fn, ...e.args.map(f));
  }
}

/** Replaces expressions (usually symbols) by others, outermost first. */
export function substitute(e: Expr, replacements: ReadonlyMap<Expr, Expr>): Expr {
  const memo = new Map<Expr, Expr>();
  const visit = (x: Expr): Expr => {
    const known = replacements.get(x) ?? memo.get(x);
    if (known !== undefined) return known;
    const result = mapChildren(x, visit);
    memo.set(x, result);
    return result;
  };
  return visit(e);
}

/** Names of the symbols in an expression, sorted; the constant pi is not one of them. */
export function symbols(e: Expr): readonly string[] {
  const found = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (x: Expr) => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x.kind === 'sym' && x.name !== 'pi') found.add(x.name);
    children(x).forEach(visit);
  };
  visit(e);
  return [...found].sort();
}

/** How often each expression is a root or a direct part of another; shared ones hand on the uses of their parts once. */
export function useCounts(roots: readonly Expr[]): ReadonlyMap<Expr, number> {
  const uses = new Map<Expr, number>();
  const visit = (e: Expr): void => {
    const before = uses.get(e) ?? 0;
    uses.set(e, before + 1);
    if (before === 0) children(e).forEach(visit);
  };
  roots.forEach(visit);
  return uses;
}

/** Number of nodes, shared ones counted once for each use. */
export function size(e: Expr): number {
  const memo = new Map<Expr, number>();
  const visit = (x: Expr): number => {
    const known = memo.get(x);
    if (known !== undefined) return known;
    const own =
      x.kind === 'add' ? 1 + (x.constant === 0 ? 0 : 1) + x.terms.filter((t) => t.coefficient !== 1).length : 1;
    const exponents = x.kind === 'mul' ? x.factors.filter((f) => f.exponent !== 1).length : 0;
    const total = children(x).reduce((sum, c) => sum + visit(c), own + exponents);
    memo.set(x, total);
    return total;
  };
  return visit(e);
}
