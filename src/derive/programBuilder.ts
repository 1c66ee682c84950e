import { NtkcError } from '../errors.ts';
import { atX, atY, type Domain, type Statement } from '../ir/program/index.ts';
import { call, children, type Expr, num, simplify, substitute, sym, symbols } from '../ir/scalar/index.ts';
import type { Kernel, KernelBuilder } from '../ops/op.ts';
import { type KernelLetter, type Letter, letters, type Notation, selfLetters } from './values.ts';

export const zeroKernel: Kernel = { pair: num(0), self: num(0) };

/** Collects statements, gives values their names, and remembers how each is written. */
export class ProgramBuilder implements KernelBuilder {
  readonly statements: Statement[] = [];
  readonly notation = new Map<string, Notation>();
  readonly #counters = new Map<string, number>();

  lift(inputs: readonly Kernel[], formula: (...values: Expr[]) => Expr): Kernel {
    return { pair: formula(...inputs.map((k) => k.pair)), self: formula(...inputs.map((k) => k.self)) };
  }

  /** Next index of a letter: 1, 2, ... */
  next(letter: string): number {
    const n = (this.#counters.get(letter) ?? 0) + 1;
    this.#counters.set(letter, n);
    return n;
  }

  /** Gives a kernel names, e.g. sigma2 and q2, also where it is a copy or a number: `withoutCopies` takes these out. */
  name(letter: KernelLetter, index: number | string, kernel: Kernel, of?: number): Kernel {
    const suffix = of === undefined ? `${index}` : `${index}of${of}`;
    const note = (domain: Domain): Notation => ({
      letter: letters[letter],
      index: `${index}`,
      domain,
      ...(of !== undefined && { of: `${of}` }),
    });
    return {
      self: this.#define(`${selfLetters[letter]}${suffix}`, 'self', kernel.self, note('self')),
      pair: this.#define(`${letter}${suffix}`, 'pair', kernel.pair, note('pair')),
    };
  }

  /** A named pair value that only helps to write others, such as the angle between two inputs. */
  label(letter: Letter & { readonly letter: string }, index: number, expr: Expr): Expr {
    return this.#define(`${letter.letter}${index}`, 'pair', expr, { letter, index: `${index}`, domain: 'pair' });
  }

  /** Names of a covariance's two values, given them if it has none. */
  force(covariance: Kernel): { readonly pair: string; readonly self: string } {
    const nameOf = (expr: Expr, prefix: string, domain: Domain): string => {
      if (expr.kind === 'sym') return expr.name;
      const index = `${this.next(prefix)}`;
      const name = `${prefix}At${index}`;
      this.push({ kind: 'map', name, domain, expr }, { letter: letters.sigmaAt, index, domain });
      return name;
    };
    return { self: nameOf(covariance.self, selfLetters.sigma, 'self'), pair: nameOf(covariance.pair, 'sigma', 'pair') };
  }

  /** E φ(u)φ(v) (order 0) or E φ'(u)φ'(v) (order 1) by an expansion, on pairs and on the diagonal. */
  dual(
    letter: KernelLetter,
    index: number,
    expansion: string,
    of: { readonly pair: string; readonly self: string },
    order: 0 | 1,
  ): Kernel {
    const one = (domain: Domain, l: string, covariance: string) =>
      this.push(
        { kind: 'dual', name: `${l}${index}`, domain, expansion, covariance, order },
        { letter: letters[letter], index: `${index}`, domain },
      );
    return { self: one('self', selfLetters[letter], of.self), pair: one('pair', letter, of.pair) };
  }

  push(statement: Statement, notation: Notation): Expr {
    if (statement.kind === 'map') requireFiniteNumbers(statement.expr);
    this.statements.push(statement);
    this.notation.set(statement.name, notation);
    return sym(statement.name);
  }

  #define(name: string, domain: Domain, expr: Expr, notation: Notation): Expr {
    return this.push({ kind: 'map', name, domain, expr }, notation);
  }
}

/** A diagonal expression as a pair statement reads it: its values at x, or at x'. */
export const readAt = (end: 'x' | 'y', e: Expr): Expr =>
  substitute(e, new Map(symbols(e).map((name) => [sym(name), sym(end === 'x' ? atX(name) : atY(name))])));

/** A formula in k, q1, q2 on a pair: the covariance there, and the variances at both ends. */
export const onPair = (formula: Expr, k: Kernel): Expr =>
  substitute(
    formula,
    new Map([
      [sym('k'), k.pair],
      [sym('q1'), readAt('x', k.self)],
      [sym('q2'), readAt('y', k.self)],
    ]),
  );

/** The diagonal of a formula in k, q1, q2: all three are q. */
export function onDiagonal(formula: Expr, q: Expr): Expr {
  const same = substitute(formula, new Map([sym('k'), sym('q1'), sym('q2')].map((s) => [s, q])));
  return simplify(nonNegativeAngles(simplify(same), q));
}

/** atan2(0, q) = 0, q being a variance. */
function nonNegativeAngles(e: Expr, q: Expr): Expr {
  return substitute(e, new Map([[call('atan2', num(0), q), num(0)]]));
}

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
