import { NtkcError } from '../errors.ts';
import type { Domain, Grid, Statement } from '../ir/program/index.ts';
import { children, type Expr, sym } from '../ir/scalar/index.ts';
import type { Kernel } from '../ops/op.ts';
import { letters, type Notation, selfLetters } from './values.ts';

/** The statements of a derivation so far, how each is written, and names for more. */
export class Statements {
  readonly statements: Statement[] = [];
  readonly notation = new Map<string, Notation>();
  readonly #counters = new Map<string, number>();
  readonly #extents = new Map<string, readonly number[] | undefined>();
  /** Names that `force` gave, by expression, domain and positions. */
  readonly #forced = new Map<Expr, Map<string, string>>();

  /** Next index of a letter: 1, 2, ... */
  next(letter: string): number {
    const n = (this.#counters.get(letter) ?? 0) + 1;
    this.#counters.set(letter, n);
    return n;
  }

  push(statement: Statement, notation: Notation): Expr {
    if (statement.kind === 'map') requireFiniteNumbers(statement.expr);
    this.statements.push(statement);
    this.notation.set(statement.name, notation);
    this.#extents.set(statement.name, statement.grid?.extents);
    return sym(statement.name);
  }

  protected define(
    name: string,
    domain: Domain,
    expr: Expr,
    notation: Notation,
    extents?: readonly number[],
    diagonal?: string,
  ): Expr {
    const grid = gridOf(domain, extents);
    return this.push({ kind: 'map', name, domain, expr, ...grid, ...(diagonal && { diagonal }) }, notation);
  }
  /** The name itself, or with a number if it is taken. */
  protected fresh(name: string): string {
    return this.notation.has(name) ? `${name}${this.next(name) + 1}` : name;
  }

  /** Names of a kernel's values, given them if it has none. */
  force({ self, pair, full, extents, present }: Kernel): Forced {
    // One index for the names of one kernel, which are written as one value.
    let index: string | undefined;
    const nameOf = (expr: Expr, prefix: string, domain: Domain): string => {
      if (expr.kind === 'sym' && same(this.#extents.get(expr.name), extents)) return expr.name;
      const forms = this.#forced.get(expr) ?? new Map<string, string>();
      this.#forced.set(expr, forms);
      const form = `${domain} ${extents}`;
      const known = forms.get(form);
      if (known !== undefined) return known;
      index ??= `${this.next('At')}`;
      const name = `${prefix}At${index}`;
      forms.set(form, name);
      this.define(name, domain, expr, { letter: letters.sigmaAt, index, domain }, extents);
      return name;
    };
    return {
      self: nameOf(self, selfLetters.sigma, 'self'),
      pair: nameOf(pair, 'sigma', 'pair'),
      ...(full && extents && { full: nameOf(full, 'sigmaFull', 'full'), extents }),
      ...(present && { present }),
    };
  }
}

/** Names of a kernel's values; `full` and `extents` where it has positions. */
export interface Forced {
  readonly self: string;
  readonly pair: string;
  readonly full?: string;
  readonly extents?: readonly number[];
  readonly present?: Expr;
}

export const same = (a: readonly number[] = [], b: readonly number[] = []): boolean => a.join() === b.join();

/** Of pairs all positions at first: `withSpans` finds what is needed. */
export const gridOf = (domain: Domain, extents: readonly number[] | undefined): { readonly grid?: Grid } =>
  extents === undefined || extents.length === 0
    ? {}
    : { grid: { extents, span: domain === 'self' ? 'diagonal' : 'all' } };

/** Fields far from 1 can overflow once squared; the layer at work is added where the error passes. */
function requireFiniteNumbers(e: Expr): void {
  const numbers =
    e.kind === 'num' ? [e.value] : e.kind === 'add' ? [e.constant, ...e.terms.map((t) => t.coefficient)] : [];
  if (!numbers.every(Number.isFinite))
    throw new NtkcError({
      what: 'the fields of this layer are too large: a coefficient of its kernel overflows float64',
      expected: 'coefficients below 1e308 (stds enter squared)',
      next: 'Use smaller values.',
    });
  for (const child of children(e)) requireFiniteNumbers(child);
}
