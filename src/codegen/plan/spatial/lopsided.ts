import { reads, type Statement } from '../../../ir/program/index.ts';
import { type Expr, substitute, sym, symbols } from '../../../ir/scalar/index.ts';

/**
 * Full values that differ between (p, p') and (p', p): what depends on one of the two positions alone, as scores of which
 * absent positions are masked, and what comes of such.
 */
export function lopsidedValues(statements: readonly Statement[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const s of statements) {
    const isLopsided =
      s.kind === 'softmax' ||
      s.kind === 'pattern' ||
      (s.kind === 'map' && swapped(s.expr) !== s.expr) ||
      (s.kind === 'contract' ? found.has(s.of) : reads(s).some((name) => found.has(name)));
    if (s.domain === 'full' && isLopsided) found.add(s.name);
  }
  return found;
}

/** The expression with p and p' exchanged. Equal expressions are one object. */
function swapped(e: Expr): Expr {
  const other = (name: string) => name.replace(/_[xy]$/, (end) => (end === '_x' ? '_y' : '_x'));
  return substitute(e, new Map(symbols(e).map((name) => [sym(name), sym(other(name))])));
}
