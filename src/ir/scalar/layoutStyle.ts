/** The two ways an expression is written for people. */

import { scalarFunction } from './functions/index.ts';
import type { Figure } from './layoutNumber.ts';

/** Text and how tightly it binds: 0 sum, 1 product or fraction, 2 power or call with a script, 3 atom. */
export interface Piece {
  readonly text: string;
  readonly strength: 0 | 1 | 2 | 3;
}

export interface LayoutStyle {
  readonly pi: string;
  readonly minus: string;
  group(inner: string): string;
  figure(f: Figure): Piece;
  root(inner: string): string;
  power(base: string, exponent: { readonly over: number; readonly under: number } | number): string;
  product(parts: readonly Piece[]): string;
  /** Product of `over` divided by product of `under`; `under` is not empty. */
  quotient(over: readonly Piece[], under: readonly Piece[]): string;
  call(fn: string, args: readonly string[]): Piece;
}

const joined = (style: LayoutStyle, parts: readonly Piece[], separator: string): string =>
  parts.map((p) => (p.strength < 1 ? style.group(p.text) : p.text)).join(separator);

const plain = '0123456789+-lj';
const supers = [...'⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ˡʲ'];
const subs = [...'₀₁₂₃₄₅₆₇₈₉₊₋ₗⱼ'];
const raised = (n: number | string, to: readonly string[]): string =>
  [...`${n}`].map((c) => to[plain.indexOf(c)] ?? c).join('');
/** Numbers, and indices of layers that repeat: l-1, 2j+1. */
export const superscript = (n: number | string): string => raised(n, supers);
export const subscript = (n: number | string): string => raised(n, subs);

export const text: LayoutStyle = {
  pi: 'π',
  minus: '−',
  group: (inner) => `(${inner})`,
  figure: ({ digits, root }) => ({ text: root ? `√${digits}` : digits, strength: digits.includes('e') ? 1 : 3 }),
  root: (inner) => `√(${inner})`,
  power: (base, e) => {
    if (typeof e !== 'number') return `${base}^(${e.over}/${e.under})`;
    return Number.isInteger(e) ? `${base}${superscript(e)}` : `${base}^${e}`;
  },
  // 2π without a dot, as everybody writes it.
  product: (parts) => joined(text, parts, '·').replace(/^([\d.]+)·π/, '$1π'),
  quotient: (over, under) => {
    const [only] = under as [Piece];
    const below =
      under.length > 1 ? text.group(text.product(under)) : only.strength > 1 ? only.text : text.group(only.text);
    return `${over.length === 0 ? '1' : text.product(over)}/${below}`;
  },
  call: (fn, args) => textCalls[fn]?.(args) ?? { text: `${fn}(${args.join(', ')})`, strength: 3 },
};

const textCalls: Readonly<Record<string, (args: readonly string[]) => Piece>> = {
  abs: ([x]) => ({ text: `|${x}|`, strength: 3 }),
  asin: ([x]) => ({ text: `arcsin(${x})`, strength: 3 }),
  atan: ([x]) => ({ text: `arctan(${x})`, strength: 3 }),
  log: ([x]) => ({ text: `ln(${x})`, strength: 3 }),
  step: ([x]) => ({ text: `1[${x} > 0]`, strength: 3 }),
  select: ([c, a, b]) => ({ text: `${a} if ${c} > 0 else ${b}`, strength: 0 }),
};

export const tex: LayoutStyle = {
  pi: '\\pi',
  minus: '-',
  group: (inner) => `\\left(${inner}\\right)`,
  figure: ({ digits, root }) => {
    if (root) return { text: `\\sqrt{${digits}}`, strength: 3 };
    const [mantissa, exponent] = digits.split('e');
    return exponent === undefined
      ? { text: digits, strength: 3 }
      : { text: `${mantissa} \\cdot 10^{${Number(exponent)}}`, strength: 1 };
  },
  root: (inner) => `\\sqrt{${inner}}`,
  power: (base, e) => `${base}^{${typeof e === 'number' ? e : `${e.over}/${e.under}`}}`,
  product: (parts) => joined(tex, parts, ' \\, ').replace(/^([\d.]+) \\, (?=\D)/, '$1 '),
  quotient: (over, under) => {
    const sums = over.filter((p) => p.strength < 1);
    const rest = over.filter((p) => p.strength >= 1);
    const isNumber = (p: Piece | undefined) => p === undefined || /^\d+$/.test(p.text);
    // A fraction of numbers stands before what it multiplies; a lone sum may fill the numerator of another.
    if (under.length === 1 && isNumber(under[0])) {
      const [first, ...others] = rest;
      const taken = isNumber(first);
      const front = `\\tfrac{${taken ? (first?.text ?? '1') : '1'}}{${(under[0] as Piece).text}}`;
      const tail = [...(taken ? others : rest), ...sums];
      return tail.length === 0 ? front : `${front} ${tex.product(tail)}`;
    }
    const bare = (parts: readonly Piece[]) => (parts.length === 1 ? (parts[0] as Piece).text : tex.product(parts));
    const below = bare(under);
    const nested = sums.some((p) => p.text.includes('\\frac'));
    if ((over.length <= 1 && !nested) || sums.length === 0)
      return `\\frac{${over.length === 0 ? '1' : bare(over)}}{${below}}`;
    return `\\frac{${rest.length === 0 ? '1' : bare(rest)}}{${below}} ${sums.length === 1 ? tex.group(bare(sums)) : tex.product(sums)}`;
  },
  call: (fn, args) => ({
    text: scalarFunction(fn).tex(args),
    strength: fn === 'select' ? 0 : fn === 'exp' ? 2 : 3,
  }),
};
