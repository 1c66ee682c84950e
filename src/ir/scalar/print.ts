import type { Expr, Factor } from './expr.ts';

/** Prints an expression in mathjs syntax; `parseScalar` reads it back to the same expression. */
export function printScalar(e: Expr): string {
  return print(e, 0);
}

// Binding strengths: 0 sum, 1 product, 2 power.
function print(e: Expr, strength: number): string {
  switch (e.kind) {
    case 'num':
      return e.value < 0 && strength > 0 ? `(${number(e.value)})` : number(e.value);
    case 'sym':
      return e.name;
    case 'call':
      return `${e.fn}(${e.args.map((a) => print(a, 0)).join(', ')})`;
    case 'add': {
      const isProduct = e.constant === 0 && e.terms.length === 1;
      return parenthesise(
        sum(e),
        isProduct ? strength > 1 || (strength === 1 && sum(e).startsWith('-')) : strength > 0,
      );
    }
    case 'mul':
      return parenthesise(e.factors.map(factor).join('*'), strength > 1);
  }
}

const number = (v: number): string => String(v);
const parenthesise = (text: string, needed: boolean) => (needed ? `(${text})` : text);

function sum(e: Extract<Expr, { kind: 'add' }>): string {
  const signed = e.terms.map(({ coefficient: c, term }) => {
    const product = print(term, c !== 1 && beginsWithSum(term) ? 2 : 1);
    return { negative: c < 0, body: Math.abs(c) === 1 ? product : `${number(Math.abs(c))}*${product}` };
  });
  if (e.constant !== 0) signed.push({ negative: e.constant < 0, body: number(Math.abs(e.constant)) });
  return signed
    .map(({ negative, body }, i) => (i === 0 ? (negative ? `-${body}` : body) : `${negative ? ' - ' : ' + '}${body}`))
    .join('');
}

/** Read from the left, 0.3*(x + 1)*y is (0.3*x + 0.3)*y, which is another expression than 0.3*((x + 1)*y). */
const beginsWithSum = (e: Expr): boolean =>
  e.kind === 'mul' && e.factors[0]?.base.kind === 'add' && e.factors[0].exponent === 1;

function factor(f: Factor): string {
  if (f.exponent === 1) return print(f.base, 1);
  if (f.exponent === 0.5) return `sqrt(${print(f.base, 0)})`;
  const exponent = f.exponent < 0 ? `(${number(f.exponent)})` : number(f.exponent);
  return `${print(f.base, 2)}^${exponent}`;
}
