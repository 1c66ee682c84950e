/**
 * A derivation names every value, also one that is another's copy (Σ² = Σ̂¹ where a layer has gain 1 and no bias) or a
 * number (Σ̇(x, x) = 1/2 for ReLU). The reader wants these lines; a target does not.
 */
import { atX, atY, type Output, type Statement } from '../ir/program/index.ts';
import { type Expr, substitute, sym } from '../ir/scalar/index.ts';

interface Body {
  readonly statements: readonly Statement[];
  readonly outputs: readonly Output[];
}

/** The same values with copies and numbers put where they are read; what no output reads any more is left to `prune`. */
export function withoutCopies({ statements, outputs }: Body): Body {
  const roots = new Map<Expr, Expr>();
  const names = new Set<string>();
  const resolved = (name: string): string => {
    const root = roots.get(sym(name));
    return root?.kind === 'sym' ? root.name : name;
  };
  const one = (s: Statement): Statement => {
    if (s.kind === 'expand') return { ...s, variance: resolved(s.variance) };
    if (s.kind === 'dual') return { ...s, covariance: resolved(s.covariance) };
    if (s.kind === 'inner') return s;
    const expr = substitute(s.expr, roots);
    if (expr.kind === 'num' || (expr.kind === 'sym' && names.has(expr.name))) remember(roots, s, expr);
    return { ...s, expr };
  };
  const rewritten = statements.map((s) => {
    const result = one(s);
    names.add(s.name);
    return result;
  });
  return {
    statements: rewritten,
    outputs: outputs.map((o) => ({ ...o, pair: substitute(o.pair, roots), self: substitute(o.self, roots) })),
  };
}

/** A self value is read under three names: its own, and at either end of a pair. */
function remember(roots: Map<Expr, Expr>, { name, domain }: Statement, root: Expr): void {
  roots.set(sym(name), root);
  if (domain === 'pair') return;
  for (const at of [atX, atY]) roots.set(sym(at(name)), root.kind === 'sym' ? sym(at(root.name)) : root);
}
