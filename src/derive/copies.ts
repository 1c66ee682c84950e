/**
 * A derivation names every value, also one that is another's copy (Σ² = Σ̂¹ where a layer has gain 1 and no bias) or a
 * number (Σ̇(x, x) = 1/2 for ReLU). The reader wants these lines; a target does not.
 */
import { atX, atY, type Program, type Statement } from '../ir/program/index.ts';
import { type Expr, substitute, sym } from '../ir/scalar/index.ts';

type Body = Pick<Program, 'statements' | 'outputs' | 'masks'>;

/** The same values with copies and numbers put where they are read; what no output reads any more is left to `prune`. */
export function withoutCopies({ statements, outputs, masks = [] }: Body): Body {
  const roots = new Map<Expr, Expr>();
  const positions = new Map<string, string | undefined>();
  const resolved = (name: string): string => {
    const root = roots.get(sym(name));
    return root?.kind === 'sym' ? root.name : name;
  };
  const one = (s: Statement): Statement => {
    const diagonal = 'diagonal' in s && s.diagonal !== undefined ? { diagonal: resolved(s.diagonal) } : {};
    switch (s.kind) {
      case 'inner':
      case 'pattern':
      case 'present':
        return s;
      case 'expand':
        return { ...s, variance: resolved(s.variance) };
      case 'dual':
        return { ...s, covariance: resolved(s.covariance), ...diagonal };
      case 'contract':
        return { ...s, of: resolved(s.of), matrix: resolved(s.matrix) };
      case 'map': {
        const expr = substitute(s.expr, roots);
        // A value without positions is no copy of one that has them.
        const isCopy = expr.kind === 'sym' && positions.has(expr.name) && positions.get(expr.name) === extentsOf(s);
        if (s.diagonal === undefined && (expr.kind === 'num' || isCopy)) remember(roots, s, expr);
        return { ...s, expr, ...diagonal };
      }
      default:
        return { ...s, of: resolved(s.of) };
    }
  };
  const rewritten = statements.map((s) => {
    const result = one(s);
    positions.set(s.name, extentsOf(s));
    return result;
  });
  return {
    statements: rewritten,
    masks, // none of them is a copy
    outputs: outputs.map((o) => ({ ...o, pair: substitute(o.pair, roots), self: substitute(o.self, roots) })),
  };
}

const extentsOf = ({ grid }: Statement): string | undefined => grid?.extents.join();

/** A self value is read under three names: its own, and at either end of a pair. */
function remember(roots: Map<Expr, Expr>, { name, domain }: Statement, root: Expr): void {
  roots.set(sym(name), root);
  if (domain !== 'self') return;
  for (const at of [atX, atY]) roots.set(sym(at(name)), root.kind === 'sym' ? sym(at(root.name)) : root);
}
