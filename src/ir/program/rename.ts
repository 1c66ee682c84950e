import { type Expr, symbols } from '../scalar/index.ts';
import { resolve, type Statement } from './program.ts';

type Called = (name: string) => string;

/**
 * Puts statements under other names, their own and those they read. Terms keep the order that they had by their old names,
 * so what is computed is the same to the last bit; parts that expressions share stay shared.
 */
export function renamer(called: Called): (s: Statement) => Statement {
  const ofSample = expressionRenamer(called);
  const ofPair = expressionRenamer((symbol) => {
    const { name, at } = resolve(symbol);
    return at === 'here' ? called(name) : `${called(name)}_${at}`;
  });
  return (s) => {
    const name = called(s.name);
    const diagonal = 'diagonal' in s && s.diagonal !== undefined ? { diagonal: called(s.diagonal) } : {};
    switch (s.kind) {
      case 'inner':
      case 'pattern':
      case 'present':
        return { ...s, name };
      case 'map':
        return { ...s, name, expr: (s.domain === 'self' ? ofSample : ofPair)(s.expr), ...diagonal };
      case 'expand':
        return { ...s, name, variance: called(s.variance) };
      case 'dual':
        return { ...s, name, expansion: called(s.expansion), covariance: called(s.covariance), ...diagonal };
      case 'contract':
        return { ...s, name, of: called(s.of), matrix: called(s.matrix) };
      default:
        return { ...s, name, of: called(s.of) };
    }
  };
}

function expressionRenamer(called: Called): (e: Expr) => Expr {
  const known = new Map<Expr, Expr>();
  const visit = (e: Expr): Expr => {
    const made = known.get(e) ?? copy(e);
    known.set(e, made);
    return made;
  };
  const copy = (e: Expr): Expr => {
    switch (e.kind) {
      case 'num':
        return e;
      case 'sym':
        return symbols(e).length === 0 ? e : { ...e, name: called(e.name) };
      case 'call':
        return { ...e, args: e.args.map(visit) };
      case 'add':
        return { ...e, terms: e.terms.map((t) => ({ ...t, term: visit(t.term) })) };
      case 'mul':
        return { ...e, factors: e.factors.map((f) => ({ ...f, base: visit(f.base) })) };
    }
  };
  return visit;
}
