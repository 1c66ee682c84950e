/** Scalar expressions as JavaScript text, with subexpressions used more than once computed once. */
import { type Expr, scalarFunction, size, useCounts } from '../../../ir/scalar/index.ts';

/** Prints expressions in order; what several of them share is put in a constant before its first use. */
export class ExpressionPrinter {
  readonly #shared: ReadonlySet<Expr>;
  readonly #names = new Map<Expr, string>();
  readonly #symbol: (name: string) => string;
  /** Helper functions the text calls, e.g. erf. */
  readonly helpers = new Set<string>();

  constructor(expressions: readonly Expr[], symbol: (name: string) => string) {
    this.#shared = sharedIn(expressions);
    this.#symbol = symbol;
  }

  /** Constants to declare first, and the expression in their terms. */
  print(e: Expr): { readonly declarations: readonly string[]; readonly text: string } {
    const declarations: string[] = [];
    const text = this.#text(e, declarations, 0);
    return { declarations, text };
  }

  // Binding strengths: 0 sum, 1 product, 2 operand.
  #text(e: Expr, declarations: string[], strength: number): string {
    const known = this.#names.get(e);
    if (known !== undefined) return known;
    if (!this.#shared.has(e)) return this.#fresh(e, declarations, strength);
    const body = this.#fresh(e, declarations, 0);
    const name = `c${this.#names.size + 1}`;
    this.#names.set(e, name);
    declarations.push(`const ${name} = ${body};`);
    return name;
  }

  #fresh(e: Expr, declarations: string[], strength: number): string {
    const inner = (x: Expr, s: number) => this.#text(x, declarations, s);
    switch (e.kind) {
      case 'num':
        return number(e.value, strength);
      case 'sym':
        return e.name === 'pi' ? 'Math.PI' : this.#symbol(e.name);
      case 'call': {
        const f = scalarFunction(e.fn);
        if (f.jsHelper !== undefined) this.helpers.add(f.jsHelper);
        return f.js(e.args.map((a) => inner(a, 2)));
      }
      case 'add':
        return sum(e, inner, strength);
      case 'mul':
        return product(e.factors, inner, strength);
    }
  }
}

type Inner = (e: Expr, strength: number) => string;
const wrap = (text: string, needed: boolean) => (needed ? `(${text})` : text);
const number = (v: number, strength: number) => wrap(String(v), v < 0 && strength > 0);

function sum(e: Extract<Expr, { kind: 'add' }>, inner: Inner, strength: number): string {
  // Positive terms first: π − ϑ, not −ϑ + π.
  const signed = e.terms.map(({ coefficient: c, term }) => {
    const body = Math.abs(c) === 1 ? inner(term, 1) : `${Math.abs(c)} * ${inner(term, 2)}`;
    return { negative: c < 0, body };
  });
  if (e.constant !== 0) signed.push({ negative: e.constant < 0, body: String(Math.abs(e.constant)) });
  signed.sort((a, b) => Number(a.negative) - Number(b.negative));
  const text = signed
    .map(({ negative, body }, i) => (i === 0 ? (negative ? `-${body}` : body) : ` ${negative ? '-' : '+'} ${body}`))
    .join('');
  return wrap(text, strength > (signed.length === 1 && !signed[0]?.negative ? 1 : 0));
}

function product(factors: Extract<Expr, { kind: 'mul' }>['factors'], inner: Inner, strength: number): string {
  const above = factors.filter((f) => f.exponent > 0).flatMap((f) => power(f.base, f.exponent, inner));
  const below = factors.filter((f) => f.exponent < 0).flatMap((f) => power(f.base, -f.exponent, inner));
  const top = above.length === 0 ? '1' : above.join(' * ');
  if (below.length === 0) return wrap(top, strength > 1 && above.length > 1);
  return wrap(`${top} / ${wrap(below.join(' * '), below.length > 1)}`, strength > 1);
}

/** base^exponent, exponent > 0, as factors. A fractional power clamps rounding errors below zero to zero. */
function power(base: Expr, exponent: number, inner: Inner): readonly string[] {
  const whole = Math.floor(exponent);
  const part = exponent - whole;
  const text = inner(base, 2);
  const clamped = `Math.max(0, ${inner(base, 0)})`;
  if (part === 0) return whole <= 4 ? Array.from({ length: whole }, () => text) : [`${text} ** ${whole}`];
  if (part !== 0.5 || whole > 3) return [`${clamped} ** ${exponent}`];
  const root = `Math.sqrt(${base.kind === 'sym' ? text : clamped})`;
  return [...Array.from({ length: whole }, () => text), root];
}

/** Expressions of some size that occur at least twice, each counted once under a parent that is itself shared. */
function sharedIn(expressions: readonly Expr[]): ReadonlySet<Expr> {
  const worth = (e: Expr) => e.kind !== 'num' && e.kind !== 'sym' && (size(e) >= 4 || e.kind === 'call');
  return new Set([...useCounts(expressions)].filter(([e, n]) => n > 1 && worth(e)).map(([e]) => e));
}
