/** The parts of an expression that are plain numbers at run time (constants, π, layer weights), as TypeScript text. */
import { type Expr, scalarFunction, symbols } from '../../../ir/scalar/index.ts';
import { numberText } from './math.ts';

/** Whether an expression is a number: it reads only symbols that are numbers, by functions TypeScript has. */
export function isNumeric(e: Expr, numbers: ReadonlySet<string>): boolean {
  return symbols(e).every((s) => numbers.has(s)) && plainFunctions(e);
}

function plainFunctions(e: Expr): boolean {
  switch (e.kind) {
    case 'num':
    case 'sym':
      return true;
    case 'add':
      return e.terms.every((t) => plainFunctions(t.term));
    case 'mul':
      return e.factors.every((f) => plainFunctions(f.base));
    case 'call':
      return scalarFunction(e.fn).jsHelper === undefined && e.args.every(plainFunctions);
  }
}

/** The number as TypeScript text. Binding strengths: 0 sum, 1 product, 2 divisor. */
export function numericText(e: Expr, strength = 0): string {
  switch (e.kind) {
    case 'num':
      return wrap(numberText(e.value), e.value < 0 && strength > 0);
    case 'sym':
      return e.name === 'pi' ? 'Math.PI' : e.name;
    case 'call':
      return scalarFunction(e.fn).js(e.args.map((a) => numericText(a, 2)));
    case 'add': {
      const terms = e.terms.map(({ coefficient, term }) =>
        productText(coefficient, term.kind === 'mul' ? term.factors : [{ base: term, exponent: 1 }]),
      );
      const all = e.constant === 0 ? terms : [...terms, numberText(e.constant)];
      return wrap(all.join(' + ').replaceAll('+ -', '- '), all.length > 1 ? strength > 0 : strength > 1);
    }
    case 'mul':
      return wrap(productText(1, e.factors), strength > 1);
  }
}

interface Factor {
  readonly base: Expr;
  readonly exponent: number;
}

/** coefficient · Π base^exponent, e.g. "0.5 / Math.PI"; "1" for the empty product. */
export function productText(coefficient: number, factors: readonly Factor[]): string {
  const above = factors.filter((f) => f.exponent > 0).map((f) => powerText(f.base, f.exponent));
  const below = factors.filter((f) => f.exponent < 0).map((f) => powerText(f.base, -f.exponent));
  const numerator = [...(coefficient === 1 && above.length > 0 ? [] : [numberText(coefficient)]), ...above].join(' * ');
  return [numerator, ...below].join(' / ');
}

function powerText(base: Expr, exponent: number): string {
  if (exponent === 1) return numericText(base, 2);
  const clamped = Number.isInteger(exponent) || base.kind === 'num' || (base.kind === 'sym' && base.name === 'pi');
  const text = clamped ? numericText(base) : `Math.max(0, ${numericText(base)})`;
  if (exponent === 0.5) return `Math.sqrt(${text})`;
  return `${clamped ? numericText(base, 2) : text} ** ${numberText(exponent)}`;
}

const wrap = (text: string, needed: boolean) => (needed ? `(${text})` : text);
