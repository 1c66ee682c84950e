import fc from 'fast-check';
import { all, create } from 'mathjs';
import { describe, expect, it } from 'vitest';
import { call } from './call.ts';
import { differentiate } from './differentiate.ts';
import { divideExactly } from './divide.ts';
import { evaluate } from './evaluate.ts';
import { add, type Expr, mul, num, pow, sqrt, sym } from './expr.ts';
import { scalarFunctions } from './functions/index.ts';
import { expand } from './monomials.ts';
import { parseScalar } from './parse.ts';
import { printScalar } from './print.ts';
import { simplify } from './simplify.ts';
import { substitute } from './walk.ts';

const mathjs = create(all ?? {});
const [k, q1, q2, x] = [sym('k'), sym('q1'), sym('q2'), sym('x')];

/** Random expressions in x whose values stay moderate. */
const expressions: fc.Arbitrary<Expr> = fc.letrec<{ e: Expr }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constant<Expr>(x),
    fc.integer({ min: -3, max: 3 }).map(num),
    fc.double({ min: -2, max: 2, noNaN: true }).map(num),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => add(a, b)),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => mul(a, b)),
    fc.tuple(tie('e'), fc.constantFrom(2, 3, -1, -2)).map(([a, p]) => pow(p < 0 ? add(2, call('sin', a)) : a, p)),
    tie('e').map((a) => sqrt(add(1, pow(a, 2)))),
    fc.tuple(fc.constantFrom('sin', 'cos', 'tanh', 'erf', 'atan'), tie('e')).map(([f, a]) => call(f, a)),
  ),
})).e;

const close = (a: number, b: number, tolerance: number) =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

describe('canonical form', () => {
  it('orders names by the numbers in them, so that any two layers look alike', () => {
    const names = [
      'q',
      'q2',
      'q2Conv',
      'q9',
      'q10',
      'q10Conv',
      'q10_x',
      'q11',
      'qHat2',
      'qHat10',
      'r1of3',
      'r1of20',
      'r10of3',
    ];
    for (const [i, a] of names.entries())
      for (const b of names.slice(i + 1)) expect(printScalar(add(sym(b), sym(a)))).toBe(`${a} + ${b}`);
  });

  it('makes equal expressions the same object, whatever the order they are written in', () => {
    fc.assert(
      fc.property(expressions, expressions, expressions, (a, b, c) => {
        expect(add(a, b)).toBe(add(b, a));
        expect(mul(a, b)).toBe(mul(b, a));
        expect(add(a, add(b, b))).toBe(add(mul(2, b), a));
        expect(printScalar(add(c, mul(a, b)))).toBe(printScalar(add(mul(b, a), c)));
      }),
    );
  });

  it('prints and parses back to the same object', () => {
    fc.assert(
      fc.property(expressions, (e) => {
        expect(parseScalar(printScalar(e), ['x'])).toBe(e);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    '0.3*((x + 0.3)*(sin(x) + 2)^(-2))',
    '-((x + 0.3)*(sin(x) + 2)^(-2))',
    'x - 0.3*((x + 1)*(sin(x) + 2)^(-2))',
  ])('prints a number times a product that begins with a sum so that it reads back: %s', (formula) => {
    const e = parseScalar(formula, ['x']);
    expect(parseScalar(printScalar(e), ['x'])).toBe(e);
  });

  it('splits a product whose roots make a whole power', () => {
    const root = sqrt(mul(q1, q2));
    const inverse = mul(pow(q1, -1), pow(q2, -1));
    expect(mul(root, root)).toBe(mul(q1, q2));
    expect(mul(pow(q1, 2), root, root)).toBe(mul(pow(q1, 3), q2));
    expect(pow(root, -2)).toBe(inverse);
    expect(mul(pow(root, -1), pow(root, -1))).toBe(inverse);
    expect(mul(pow(root, -3), root)).toBe(inverse);
    expect(pow(sqrt(mul(-0.5, k)), -2)).toBe(mul(-2, pow(k, -1)));
  });

  it('does not take the root of a square for its base, but does undo roots', () => {
    expect(evaluate(sqrt(pow(x, 2)), { x: -3 })).toBe(3);
    expect(pow(sqrt(x), 2)).toBe(x);
    expect(printScalar(pow(mul(4, x), 0.5))).toBe('2*sqrt(x)');
  });
});

describe('simplify', () => {
  it('keeps the value', () => {
    fc.assert(
      fc.property(expressions, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (e, at) => {
        const before = evaluate(e, { x: at });
        fc.pre(Number.isFinite(before) && Math.abs(before) < 1e4);
        expect(close(evaluate(simplify(e), { x: at }), before, 1e-7)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('removes the 0/0 from the derivative of the ReLU kernel', () => {
    const s = sqrt(add(mul(q1, q2), mul(-1, k, k)));
    const angle = call('atan2', s, k);
    const kappa = mul(0.5, pow(sym('pi'), -1), add(s, mul(add(sym('pi'), mul(-1, angle)), k)));
    expect(printScalar(differentiate(kappa, 'k'))).toBe('-0.5*pi^(-1)*atan2(sqrt(-k^2 + q1*q2), k) + 0.5');
  });
});

describe('differentiate', () => {
  it('agrees with a central difference', () => {
    fc.assert(
      fc.property(expressions, fc.double({ min: -1.5, max: 1.5, noNaN: true }), (e, at) => {
        const h = 1e-4;
        const f = (t: number) => evaluate(e, { x: t });
        // Fourth order: error h⁴ f⁽⁵⁾/30, rounding 1e-16 |f|/h.
        const difference = (8 * (f(at + h) - f(at - h)) - (f(at + 2 * h) - f(at - 2 * h))) / (12 * h);
        const exact = evaluate(differentiate(e, 'x'), { x: at });
        fc.pre(Math.abs(f(at)) < 100 && Math.abs(exact) < 100);
        // Only where the difference itself has converged.
        const coarse = (f(at + h) - f(at - h)) / (2 * h);
        fc.pre(Math.abs(coarse - difference) < 1e-5);
        expect(close(exact, difference, 1e-6)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(scalarFunctions.map((f) => [f.name, f] as const))(
    '%s: each partial derivative agrees with a difference',
    (_, f) => {
      const at = [0.37, -0.61, 0.83].slice(0, f.arity).map((v) => (f.domain === undefined ? v : Math.abs(v)));
      const names = ['u', 'v', 'w'].slice(0, f.arity);
      names.forEach((name, i) => {
        const e = differentiate(call(f.name, ...names.map(sym)), name);
        const value = (d: number) => f.value(...at.map((v, j) => (j === i ? v + d : v)));
        const scope = Object.fromEntries(names.map((n, j) => [n, at[j] as number]));
        expect(evaluate(e, scope)).toBeCloseTo((value(1e-5) - value(-1e-5)) / 2e-5, 7);
      });
    },
  );
});

describe('mathjs as a cross-check', () => {
  const formulas = [
    'x^3 - 2*x',
    'x*tanh(x)',
    'x/(1+exp(-x))',
    'exp(-x^2)*sin(3*x)',
    'log(1+exp(x))',
    'sqrt(1+x^2)',
    'atan(x)/(2+cos(x))',
    '2^x',
  ];
  it.each(formulas)('derivative and simplification of %s', (formula) => {
    const ours = differentiate(parseScalar(formula, ['x']), 'x');
    const simpler = simplify(parseScalar(formula, ['x']));
    for (const at of [-1.3, -0.2, 0.4, 1.7]) {
      expect(evaluate(ours, { x: at })).toBeCloseTo(mathjs.derivative(formula, 'x').evaluate({ x: at }) as number, 11);
      expect(evaluate(simpler, { x: at })).toBeCloseTo(mathjs.simplify(formula).evaluate({ x: at }) as number, 11);
    }
  });
});

describe('functions', () => {
  it('agree with mathjs where it has them', () => {
    for (const f of scalarFunctions.filter((g) => g.arity === 1 && g.name !== 'step')) {
      for (const at of [-0.9, -0.3, 0.2, 0.7, 0.999].map((v) => (f.domain?.startsWith('x > 0') ? Math.abs(v) : v)))
        expect(f.value(at)).toBeCloseTo(mathjs.evaluate(`${f.name}(${at})`) as number, 13);
    }
  });

  it('erf keeps 15 digits over its whole range', () => {
    const erf = scalarFunctions.find((f) => f.name === 'erf');
    for (let v = -6.5; v <= 6.5; v += 0.01) {
      const want = mathjs.evaluate(`erf(${v})`) as number;
      expect(Math.abs((erf?.value(v) ?? 0) - want)).toBeLessThan(1e-15);
    }
  });
});

describe('parse', () => {
  it.each([
    ['x^2 + 3*x - 1', 0.7],
    ['x*tanh(x)', -1.2],
    ['x/(1+exp(-x))', 0.4],
    ['log(1+exp(x))', 0.3],
    ['sqrt(x^2+1) - abs(x)', -0.8],
    ['max(x, 0.1*x) + min(x, 0)', -0.5],
    ['x > 0 ? x : exp(x) - 1', -0.5],
    ['2^x', 1.3],
    ['-x^2', 1.1],
    ['0.5*x*(1+erf(x/sqrt(2)))', 0.6],
    ['sinh(x) + cosh(x)*atan(x)', 0.6],
    ['cbrt(x) + pi*e', 0.6],
  ])('%s has the value mathjs gives it', (text, at) => {
    expect(evaluate(parseScalar(text, ['x']), { x: at })).toBeCloseTo(mathjs.evaluate(text, { x: at }) as number, 12);
  });

  it.each([
    ['x.constructor', 'property access'],
    ['x["constructor"]', 'property access'],
    ['constructor(x)', 'unknown function constructor'],
    ['toString(x)', 'unknown function'],
    ['x.map(sin)', 'only named functions'],
    ['f(t) = t', 'defining a function'],
    ['y = x', 'assignment'],
    ['[x]', 'a list'],
    ['{a: x}', 'an object'],
    ['x; x', 'more than one expression'],
    ['import("fs")', 'unknown function import'],
    ['y + 1', 'unknown variable y'],
    ['__proto__', 'unknown variable'],
    ['sin', 'is a function'],
    ['sin(x, 2)', 'got 2 arguments'],
    ['x +', 'syntax error'],
    ['x > 0', 'operator > is not allowed'],
    ['x == 0 ? 1 : 2', 'not a comparison'],
    ['"text"', 'not a finite number'],
    ['1e999', 'not a finite number'],
    ['x!', 'not allowed'],
    ['2 i', 'unknown variable i'],
    ['', 'it is empty'],
    [' ', 'it is empty'],
  ])('refuses %s', (text, problem) => {
    expect(() => parseScalar(text, ['x'])).toThrow(problem);
  });
});

describe('substitute', () => {
  it('evaluates as the value put in', () => {
    fc.assert(
      fc.property(expressions, fc.double({ min: -1, max: 1, noNaN: true }), (e, v) => {
        const [a, b] = [evaluate(substitute(e, new Map([[x, num(v)]])), {}), evaluate(e, { x: v })];
        fc.pre(Number.isFinite(b));
        expect(close(a, b, 1e-9)).toBe(true);
      }),
    );
  });
});

describe('divideExactly', () => {
  it('undoes a product of polynomials, and only that', () => {
    const polynomial = fc
      .array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(3), fc.nat(2)), { minLength: 1, maxLength: 4 })
      .map((terms) => add(...terms.map(([c, i, j]) => mul(c, pow(k, i), pow(q1, j)))));
    fc.assert(
      fc.property(polynomial, polynomial, (a, b) => {
        fc.pre(a !== num(0) && b !== num(0));
        const product = expand(mul(a, b));
        const quotient = divideExactly(product, b);
        expect(quotient === undefined ? undefined : expand(add(quotient, mul(-1, a)))).toBe(num(0));
        if (b.kind !== 'num' && !(b.kind === 'add' && b.terms.length === 0))
          expect(divideExactly(add(product, call('sin', q2)), b)).toBeUndefined();
      }),
    );
  });
});
