/** Scalar expressions as tfjs calls, cut into named constants wherever they would not read well as one. */
import { add, type Expr, mul, num, scalarFunction, size, useCounts } from '../../../ir/scalar/index.ts';
import { mathText, numberText } from './math.ts';
import { isNumeric, numericText, productText } from './numeric.ts';

/** A constant to declare before the expression that reads it. */
export interface Temporary {
  readonly name: string;
  readonly text: string;
  readonly math: string;
}
export interface Printed {
  readonly temporaries: readonly Temporary[];
  readonly text: string;
}

export interface PrintOptions {
  /** Symbols that are numbers, not tensors: the layer weights. */
  readonly numbers: ReadonlySet<string>;
  /** Names for temporaries, in order. */
  readonly freshName: () => string;
}

/** Calls nested deeper than this, or longer than this, get a name. */
const mostCalls = 3;
const mostCharacters = 64;

/** The expression as tfjs calls on tensors; undefined where it is a plain number. */
export function printExpression(e: Expr, options: PrintOptions): Printed | undefined {
  if (isNumeric(e, options.numbers)) return undefined;
  return new Printer(e, options).print();
}

interface Text {
  readonly text: string;
  /** How deep its calls nest. */
  readonly depth: number;
}
interface Signed extends Text {
  readonly negative: boolean;
}

class Printer {
  readonly #root: Expr;
  readonly #options: PrintOptions;
  readonly #shared: ReadonlySet<Expr>;
  readonly #named = new Map<Expr, Text>();
  readonly #temporaries: Temporary[] = [];

  constructor(root: Expr, options: PrintOptions) {
    this.#root = root;
    this.#options = options;
    this.#shared = sharedIn(root);
  }

  print(): Printed {
    const { text } = this.#fresh(this.#root);
    return { temporaries: this.#temporaries, text };
  }

  #isNumeric(e: Expr): boolean {
    return isNumeric(e, this.#options.numbers);
  }

  /** An operand: named where it is shared, deep or long. */
  #operand(e: Expr): Text {
    const known = this.#named.get(e);
    if (known !== undefined) return known;
    if (this.#isNumeric(e)) return { text: numericText(e), depth: 0 };
    const fresh = this.#fresh(e);
    if (!this.#shared.has(e)) return this.#short(fresh, mathText(e));
    const named = this.#name(fresh, mathText(e));
    this.#named.set(e, named);
    return named;
  }

  #short(t: Text, math: string): Text {
    return t.depth >= mostCalls || t.text.length > mostCharacters ? this.#name(t, math) : t;
  }

  #name({ text }: Text, math: string): Text {
    const name = this.#options.freshName();
    this.#temporaries.push({ name, text, math });
    return { text: name, depth: 0 };
  }

  #fresh(e: Expr): Text {
    switch (e.kind) {
      case 'num':
      case 'sym':
        return { text: numericText(e), depth: 0 };
      case 'call': {
        const args = e.args.map((a) => this.#operand(a));
        return { text: scalarFunction(e.fn).tfjs(args.map((a) => a.text)), depth: 1 + deepest(args) };
      }
      case 'add':
        return this.#sum(e);
      case 'mul':
        return this.#product(1, e.factors);
    }
  }

  #sum(e: Extract<Expr, { kind: 'add' }>): Text {
    const numeric = e.terms.filter((t) => this.#isNumeric(t.term));
    const tensors = e.terms.filter((t) => !this.#isNumeric(t.term));
    const constant = add(e.constant, ...numeric.map((t) => mul(t.coefficient, t.term)));
    const parts: Signed[] = tensors.map(({ coefficient: c, term }) => {
      // A lone term keeps its sign; in a sum the sign becomes tf.sub.
      const negative = c < 0 && tensors.length + (constant === num(0) ? 0 : 1) > 1;
      const text = this.#scaled(negative ? -c : c, term);
      const scaledTerm = mul(negative ? -c : c, term);
      return { ...this.#short(text, mathText(scaledTerm)), negative };
    });
    if (constant !== num(0)) parts.push(constantPart(constant));
    return this.#added(parts);
  }

  /** Positive parts, pairwise, minus the negative ones. */
  #added(parts: readonly Signed[]): Text {
    const plus = parts.filter((p) => !p.negative);
    const minus = parts.filter((p) => p.negative);
    const [first] = minus;
    if (first === undefined) return this.#fold('add', plus);
    if (plus.length === 0) return calls('neg', [this.#fold('add', minus)]);
    return calls('sub', [this.#limited(this.#fold('add', plus)), this.#limited(this.#fold('add', minus))]);
  }

  #limited(t: Text): Text {
    return this.#short(t, '');
  }

  /** op(op(a, b), op(c, d)): as shallow as can be. */
  #fold(op: string, parts: readonly Text[]): Text {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    const half = Math.ceil(parts.length / 2);
    const sides = [parts.slice(0, half), parts.slice(half)].map((side) => this.#limited(this.#fold(op, side)));
    return calls(op, sides);
  }

  #scaled(coefficient: number, term: Expr): Text {
    if (coefficient === 1)
      return this.#named.get(term) ?? (this.#shared.has(term) ? this.#operand(term) : this.#fresh(term));
    if (term.kind === 'mul' && !this.#shared.has(term)) return this.#product(coefficient, term.factors);
    return calls('mul', [this.#operand(term), { text: numberText(coefficient), depth: 0 }]);
  }

  /** Tensors above and below the line, then the number that scales them. */
  #product(coefficient: number, factors: readonly { readonly base: Expr; readonly exponent: number }[]): Text {
    const numeric = factors.filter((f) => this.#isNumeric(f.base));
    const tensors = factors.filter((f) => !this.#isNumeric(f.base));
    const scale = productText(coefficient, numeric);
    const above = tensors
      .filter((f) => f.exponent > 0 || f.exponent === -0.5)
      .map((f) => this.#power(f.base, f.exponent));
    const below = tensors
      .filter((f) => f.exponent < 0 && f.exponent !== -0.5)
      .map((f) => this.#power(f.base, -f.exponent));
    const number: Text = { text: scale, depth: 0 };
    if (above.length === 0) return calls('div', [number, this.#limited(this.#fold('mul', below))]);
    const numerator = this.#fold('mul', above);
    const quotient =
      below.length === 0
        ? numerator
        : calls(
            'div',
            [numerator, this.#fold('mul', below)].map((t) => this.#limited(t)),
          );
    return scale === '1' ? quotient : calls('mul', [this.#limited(quotient), number]);
  }

  /** base^exponent; a fractional power clamps rounding errors below zero to zero. */
  #power(base: Expr, exponent: number): Text {
    const b = this.#operand(base);
    if (Number.isInteger(exponent)) return wholePower(b, exponent);
    const clamped = calls('relu', [b]);
    if (exponent === 0.5) return calls('sqrt', [clamped]);
    if (exponent === -0.5) return calls('rsqrt', [clamped]);
    return calls('pow', [clamped, { text: numberText(exponent), depth: 0 }]);
  }
}

function wholePower(b: Text, exponent: number): Text {
  if (exponent === 1) return b;
  if (exponent === 2) return calls('square', [b]);
  if (exponent === 3 && b.depth === 0) return calls('mul', [b, calls('square', [b])]);
  return calls('pow', [b, { text: String(exponent), depth: 0 }]);
}

const deepest = (parts: readonly Text[]) => Math.max(0, ...parts.map((p) => p.depth));
const calls = (op: string, args: readonly Text[]): Text => ({
  text: `tf.${op}(${args.map((a) => a.text).join(', ')})`,
  depth: 1 + deepest(args),
});

function constantPart(constant: Expr): Signed {
  const text = numericText(constant);
  const negative = text.startsWith('-');
  if (!negative) return { text, depth: 0, negative };
  const only =
    constant.kind === 'num' || (constant.kind === 'add' && constant.terms.length === 1 && constant.constant === 0);
  return only ? { text: text.slice(1), depth: 0, negative } : { text, depth: 0, negative: false };
}

/** Subexpressions used more than once that cost more than two operations. */
function sharedIn(root: Expr): ReadonlySet<Expr> {
  return new Set([...useCounts([root])].filter(([e, n]) => n > 1 && size(e) > 3).map(([e]) => e));
}
