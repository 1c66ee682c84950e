/** Expressions written for people, in TeX or in Unicode text. For text that reads back, see print.ts. */
import type { Expr, Factor } from './expr.ts';
import { readNumber } from './layoutNumber.ts';
import { type LayoutStyle, type Piece, tex, text } from './layoutStyle.ts';

/** How symbols are written, and in which order they stand in a product. */
export interface SymbolWriter {
  readonly write: (name: string) => string;
  /** Lower ranks first; equal ranks keep the expression's own order. */
  readonly rank?: (name: string) => number;
}

/** A summand and its sign. */
export interface SignedTerm {
  readonly negative: boolean;
  readonly text: string;
}

const asIs: SymbolWriter = { write: (name) => name };

/**
 * Writes an expression: fractions for negative powers, roots, positive terms before negative ones. Numbers lose their
 * rounding noise and are shown to 12 significant digits.
 */
export function layoutScalar(e: Expr, style: 'tex' | 'text', symbols: SymbolWriter = asIs): string {
  return sum(layoutTerms(e, style, symbols), styles[style]);
}

/** The summands of an expression, for writers that break long lines between them. */
export function layoutTerms(e: Expr, style: 'tex' | 'text', symbols: SymbolWriter = asIs): readonly SignedTerm[] {
  return new Layout(styles[style], symbols).terms(e).map(({ negative, piece }) => ({ negative, text: piece.text }));
}

const styles = { tex, text };

function sum(terms: readonly SignedTerm[], style: LayoutStyle): string {
  return terms
    .map((t, i) => (i === 0 ? (t.negative ? style.minus : '') : ` ${t.negative ? style.minus : '+'} `) + t.text)
    .join('');
}

class Layout {
  readonly #style: LayoutStyle;
  readonly #symbols: SymbolWriter;

  constructor(style: LayoutStyle, symbols: SymbolWriter) {
    this.#style = style;
    this.#symbols = symbols;
  }

  terms(e: Expr): readonly { readonly negative: boolean; readonly piece: Piece }[] {
    if (e.kind === 'num') return [{ negative: e.value < 0, piece: this.#product(Math.abs(e.value), []) }];
    if (e.kind !== 'add') return [{ negative: false, piece: this.#piece(e) }];
    const all = e.terms.map(({ coefficient: c, term }) => ({
      negative: c < 0,
      piece: this.#product(Math.abs(c), term.kind === 'mul' ? term.factors : [{ base: term, exponent: 1 }]),
    }));
    if (e.constant !== 0) all.push({ negative: e.constant < 0, piece: this.#product(Math.abs(e.constant), []) });
    return [...all.filter((t) => !t.negative), ...all.filter((t) => t.negative)];
  }

  #piece(e: Expr): Piece {
    switch (e.kind) {
      case 'sym':
        return { text: e.name === 'pi' ? this.#style.pi : this.#symbols.write(e.name), strength: 3 };
      case 'call':
        return this.#style.call(
          e.fn,
          e.args.map((a) => this.#sum(a)),
        );
      case 'mul':
        return this.#product(1, e.factors);
      default: {
        const terms = this.terms(e);
        const [only] = terms;
        if (terms.length === 1 && only?.negative === false) return only.piece;
        return { text: this.#sum(e), strength: 0 };
      }
    }
  }

  #sum(e: Expr): string {
    return sum(
      this.terms(e).map(({ negative, piece }) => ({ negative, text: piece.text })),
      this.#style,
    );
  }

  /** coefficient · Π base^exponent; coefficient > 0, or 0 alone. */
  #product(coefficient: number, factors: readonly Factor[]): Piece {
    if (coefficient === 0) return { text: '0', strength: 3 };
    const number = readNumber(coefficient);
    const ranked = this.#ranked(factors);
    const over = [
      ...(number.over ? [this.#style.figure(number.over)] : []),
      ...ranked.filter((f) => f.exponent > 0).map((f) => this.#power(f.base, f.exponent)),
    ];
    const under = [
      ...(number.under ? [this.#style.figure(number.under)] : []),
      ...ranked.filter((f) => f.exponent < 0).map((f) => this.#power(f.base, -f.exponent)),
    ];
    if (under.length > 0) return { text: this.#style.quotient(over, under), strength: 1 };
    const [only] = over;
    if (only === undefined) return { text: '1', strength: 3 };
    return over.length === 1 ? only : { text: this.#style.product(over), strength: 1 };
  }

  /** Symbols by rank, then calls, then sums. */
  #ranked(factors: readonly Factor[]): readonly Factor[] {
    const rank = ({ base }: Factor): number => {
      if (base.kind === 'add') return Number.POSITIVE_INFINITY;
      if (base.kind !== 'sym') return Number.MAX_VALUE;
      return base.name === 'pi' ? Number.NEGATIVE_INFINITY : (this.#symbols.rank?.(base.name) ?? 0);
    };
    return [...factors].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
  }

  #power(base: Expr, exponent: number): Piece {
    if (exponent === 1) return this.#piece(base);
    if (exponent === 0.5) return { text: this.#style.root(this.#sum(base)), strength: 3 };
    const { text: inner, strength } = this.#piece(base);
    const grouped = strength < 3 ? this.#style.group(inner) : inner;
    return { text: this.#style.power(grouped, readExponent(exponent)), strength: 2 };
  }
}

function readExponent(value: number): number | { readonly over: number; readonly under: number } {
  for (const under of [1, 2, 3, 4]) {
    const over = Math.round(value * under);
    if (Math.abs(value * under - over) <= 1e-15 * Math.abs(over)) return under === 1 ? over : { over, under };
  }
  return value;
}
