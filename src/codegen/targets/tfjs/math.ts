/** Scalar expressions as a reader writes them, for comments: √(q1_x q1_y − sigma1²), 0.5 (s1 + sigma1 (π − angle1)) / π. */
import type { Expr } from '../../../ir/scalar/index.ts';

/** An expression in the notation of comments. */
export const mathText = (e: Expr): string => print(e, 0);

/** A constant, cut to 12 digits: float32 keeps 7, and 2.25 reads better than 2.2500000000000004. */
export const numberText = (value: number): string => String(Number(value.toPrecision(12)));

// Binding strengths: 0 sum, 1 product, 2 operand of a product or power.
function print(e: Expr, strength: number): string {
  switch (e.kind) {
    case 'num':
      return wrap(numberText(e.value), e.value < 0 && strength > 0);
    case 'sym':
      return e.name === 'pi' ? 'π' : e.name;
    case 'call':
      return `${e.fn}(${e.args.map((a) => print(a, 0)).join(', ')})`;
    case 'add':
      return sum(e, strength);
    case 'mul':
      return wrap(product(1, e), strength > 1);
  }
}

const wrap = (text: string, needed: boolean) => (needed ? `(${text})` : text);

/** Positive terms first, the constant where it reads best: π − angle, not −angle + π. */
function sum(e: Extract<Expr, { kind: 'add' }>, strength: number): string {
  const signed = e.terms.map(({ coefficient: c, term }) => ({ negative: c < 0, text: scaled(Math.abs(c), term) }));
  if (e.constant !== 0) signed.push({ negative: e.constant < 0, text: numberText(Math.abs(e.constant)) });
  const ordered = [...signed.filter((s) => !s.negative), ...signed.filter((s) => s.negative)];
  const text = ordered
    .map(({ negative, text }, i) => (i === 0 ? `${negative ? '−' : ''}${text}` : ` ${negative ? '−' : '+'} ${text}`))
    .join('');
  return wrap(text, ordered.length > 1 ? strength > 0 : strength > 1);
}

function scaled(coefficient: number, term: Expr): string {
  if (term.kind === 'mul') return product(coefficient, term);
  return coefficient === 1 ? print(term, 1) : `${numberText(coefficient)} ${print(term, 2)}`;
}

function product(coefficient: number, e: Extract<Expr, { kind: 'mul' }>): string {
  const above = e.factors.filter((f) => f.exponent > 0).map((f) => power(f.base, f.exponent));
  const below = e.factors.filter((f) => f.exponent < 0).map((f) => power(f.base, -f.exponent));
  const numerator = [...(coefficient === 1 && above.length > 0 ? [] : [numberText(coefficient)]), ...above].join(' ');
  if (below.length === 0) return numerator;
  return `${numerator} / ${wrap(below.join(' '), below.length > 1)}`;
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

function power(base: Expr, exponent: number): string {
  if (exponent === 1) return print(base, 2);
  if (exponent === 0.5) return `√${base.kind === 'sym' ? print(base, 2) : `(${print(base, 0)})`}`;
  const digits = Number.isInteger(exponent)
    ? [...String(exponent)].map((d) => superscripts[Number(d)] ?? '').join('')
    : `^${numberText(exponent)}`;
  return `${print(base, 2)}${digits}`;
}
