import { callNode, type Expr, makeSum, pi, productNode, sym } from './expr.ts';

/** The expression under other symbols, each where its own was: perhaps not in order, but computed alike to the last bit. */
export function renameInPlace(e: Expr, called: (name: string) => string): Expr {
  const known = new Map<Expr, Expr>();
  const visit = (x: Expr): Expr => {
    const made = known.get(x) ?? copy(x);
    known.set(x, made);
    return made;
  };
  const copy = (x: Expr): Expr => {
    switch (x.kind) {
      case 'num':
        return x;
      case 'sym':
        return x === pi ? x : sym(called(x.name));
      case 'call':
        return callNode(x.fn, ...x.args.map(visit));
      case 'add':
        return makeSum(
          x.constant,
          x.terms.map((t) => ({ ...t, term: visit(t.term) })),
        );
      case 'mul':
        return productNode(x.factors.map((f) => ({ ...f, base: visit(f.base) })));
    }
  };
  return visit(e);
}
