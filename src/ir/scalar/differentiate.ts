import { add, type Expr, mul, num, pow } from './expr.ts';
import { scalarFunction } from './functions/index.ts';
import { simplify } from './simplify.ts';

/** ∂e/∂variable, simplified. Derivatives of piecewise functions are taken almost everywhere. */
export function differentiate(e: Expr, variable: string): Expr {
  const memo = new Map<Expr, Expr>();
  const d = (x: Expr): Expr => {
    const known = memo.get(x);
    if (known !== undefined) return known;
    const result = simplify(rule(x));
    memo.set(x, result);
    return result;
  };
  const rule = (x: Expr): Expr => {
    switch (x.kind) {
      case 'num':
        return num(0);
      case 'sym':
        return num(x.name === variable ? 1 : 0);
      case 'add':
        return add(...x.terms.map((t) => mul(t.coefficient, d(t.term))));
      case 'mul':
        return add(
          ...x.factors.map((f, i) => {
            const others = x.factors.filter((_, j) => j !== i).map((g) => pow(g.base, g.exponent));
            return mul(f.exponent, pow(f.base, f.exponent - 1), d(f.base), ...others);
          }),
        );
      case 'call': {
        const inner = x.args.map(d);
        const partials = inner.every((g) => g === num(0)) ? [] : scalarFunction(x.fn).derivative(x.args);
        return add(...partials.map((p, i) => mul(p, inner[i] as Expr)));
      }
    }
  };
  return d(e);
}

/** The n-th derivative. */
export function derivative(e: Expr, variable: string, order: number): Expr {
  return order === 0 ? e : derivative(differentiate(e, variable), variable, order - 1);
}
