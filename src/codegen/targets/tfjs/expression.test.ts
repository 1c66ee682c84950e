import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  add,
  call,
  type Expr,
  evaluate,
  mul,
  num,
  parseScalar,
  pi,
  pow,
  printScalar,
  sym,
} from '../../../ir/scalar/index.ts';
import { printExpression } from './expression.ts';
import { numericText } from './numeric.ts';

const numbers = new Set(['mu1']);

function print(e: Expr) {
  let count = 0;
  return printExpression(e, { numbers, freshName: () => `c${++count}` });
}
const text = (formula: string) => print(parseScalar(formula))?.text;

/** tfjs on plain numbers in float64: the calls mean what they say, and rounding hides nothing. */
const tf = {
  add: (a: number, b: number) => a + b,
  sub: (a: number, b: number) => a - b,
  mul: (a: number, b: number) => a * b,
  div: (a: number, b: number) => a / b,
  neg: (a: number) => -a,
  square: (a: number) => a * a,
  pow: (a: number, b: number) => a ** b,
  relu: (a: number) => Math.max(0, a),
  sqrt: Math.sqrt,
  rsqrt: (a: number) => 1 / Math.sqrt(a),
  exp: Math.exp,
  sin: Math.sin,
  tanh: Math.tanh,
  atan2: Math.atan2,
};

function run(e: Expr, scope: Readonly<Record<string, number>>): number {
  const printed = print(e);
  const lines = printed?.temporaries.map((t) => `const ${t.name} = ${t.text};`) ?? [];
  const body = `${lines.join('\n')}\nreturn ${printed?.text ?? numericText(e)};`;
  const names = Object.keys(scope);
  return new Function('tf', ...names, body)(tf, ...names.map((n) => scope[n])) as number;
}

describe('scalar expressions as tfjs calls', () => {
  it('read as a person would write them', () => {
    expect(text('2.25*sigma + 0.010000000000000002')).toBe('tf.add(tf.mul(sigma, 2.25), 0.01)');
    expect(text('-0.5*angle*pi^(-1) + 0.5')).toBe('tf.sub(0.5, tf.mul(angle, 0.5 / Math.PI))');
    expect(text('sqrt(a*b - k^2)')).toBe('tf.sqrt(tf.relu(tf.sub(tf.mul(a, b), tf.square(k))))');
    expect(text('mu1*sigma')).toBe('tf.mul(sigma, mu1)');
    expect(text('(1 + a)^(-0.5)')).toBe('tf.rsqrt(tf.relu(tf.add(a, 1)))');
    expect(text('exp(-2*q)')).toBe('tf.exp(tf.mul(q, -2))');
    expect(text('-a - b')).toBe('tf.neg(tf.add(a, b))');
    expect(text('3/a')).toBe('tf.div(3, a)');
  });

  it('leave plain numbers to TypeScript', () => {
    expect(print(parseScalar('2*mu1 + pi'))).toBeUndefined();
    expect(numericText(parseScalar('2*mu1 - 1'))).toBe('2 * mu1 - 1');
    expect(numericText(parseScalar('3/pi'))).toBe('3 / Math.PI');
  });

  it('name what is used twice, and what nests too deep', () => {
    const twice = print(parseScalar('sin(a*b + a + 1)*(a*b + a + 1)'));
    expect(twice?.temporaries.map((t) => t.math)).toEqual(['a + a·b + 1']);
    const deep = print(parseScalar('tanh(sin(tanh(sin(tanh(sin(a))))))'));
    expect(deep?.temporaries).toHaveLength(1);
  });

  it('have the value of the expression', () => {
    const leaf = fc.oneof(
      fc.constantFrom('a', 'b', 'k', 'mu1').map(sym),
      fc.constant(pi),
      fc.integer({ min: -8, max: 8 }).map((n) => num(n / 4)),
    );
    const { expr } = fc.letrec<{ expr: Expr }>((tie) => ({
      expr: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('expr'), { minLength: 2, maxLength: 4 }).map((parts) => add(...parts)),
        fc.array(tie('expr'), { minLength: 2, maxLength: 3 }).map((parts) => mul(...parts)),
        fc.tuple(tie('expr'), fc.constantFrom(-1, 2, 3, 4, -2)).map(([e, x]) => pow(e, x)),
        fc.tuple(tie('expr'), fc.constantFrom(0.5, -0.5, 1.5, -1.5)).map(([e, x]) => pow(add(mul(e, e), 1), x)),
        fc.tuple(fc.constantFrom('exp', 'sin', 'tanh'), tie('expr')).map(([fn, e]) => call(fn, e)),
        fc.tuple(tie('expr'), tie('expr')).map(([y, x]) => call('atan2', y, x)),
      ),
    }));
    const scope = { a: 0.7, b: 1.3, k: -0.45, mu1: 2.5 };
    let compared = 0;
    fc.assert(
      fc.property(expr, (e) => {
        const want = evaluate(e, scope);
        // Constants are cut to 12 digits; an ill-conditioned formula may show more of that than the bound allows.
        const near = evaluate(e, { a: 0.7 * (1 + 1e-11), b: 1.3 * (1 - 1e-11), k: -0.45 * (1 + 1e-11), mu1: 2.5 });
        if (!(Math.abs(want) < 1e6) || Math.abs(near - want) > 1e-8 * (1 + Math.abs(want))) return;
        compared++;
        expect(Math.abs(run(e, scope) - want), printScalar(e)).toBeLessThanOrEqual(1e-7 * (1 + Math.abs(want)));
      }),
      { numRuns: 500, seed: 11 },
    );
    expect(compared).toBeGreaterThan(300);
  });
});
