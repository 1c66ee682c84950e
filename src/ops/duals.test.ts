/** Every dual activation in closed form, against quadrature of φ itself: routes that share no formula. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { onDiagonal } from '../derive/formulas.ts';
import type { Fields } from '../ir/arch/index.ts';
import { pairDerivative, pairExpectation } from '../ir/gaussian/nested.ts';
import { compileScalar, differentiate, type Expr, parseScalar, printScalar, sym } from '../ir/scalar/index.ts';
import { exampleNetwork } from './example.ts';
import { kinksOf } from './kinks.ts';
import type { ActivationRule, Op } from './op.ts';
import { vocabulary } from './vocabulary.ts';

const infinite = { fanIn: Number.POSITIVE_INFINITY, extents: [] };
/** An op's rule for field values as a user writes them, defaults filled in. */
const ruleOf = (op: Op, fields: Fields) =>
  op.kernel?.(exampleNetwork(op, fields).layers[1] as Fields, {
    ...infinite,
    extents: op.exampleInput?.slice(0, -1) ?? [],
  });
const cases = [...vocabulary.values()].flatMap((op) =>
  op.examples.flatMap((fields) => {
    const rule = ruleOf(op, fields);
    return rule?.kind === 'activation' && rule.activation.dual.kind === 'closed'
      ? [{ name: `${op.name} ${JSON.stringify(fields)}`, rule: rule as ActivationRule, dual: rule.activation.dual }]
      : [];
  }),
);

const variance = fc.double({ min: 0.05, max: 3, noNaN: true });
const correlation = fc.oneof(
  fc.double({ min: -0.99999, max: 0.99999, noNaN: true }),
  fc.constantFrom(0, 0.999, -0.999, 0.99999, -0.99999),
);

it('covers every activation of the registry but the formula op', () => {
  const activations = [...vocabulary.values()].filter((op) => ruleOf(op, op.examples[0] ?? {})?.kind === 'activation');
  expect(new Set(cases.map((c) => c.name.split(' ')[0]))).toEqual(
    new Set(activations.map((op) => op.name).filter((n) => n !== 'elementwise')),
  );
});

describe.each(cases)('$name', ({ rule, dual }) => {
  const { phi } = rule.activation;
  const f = compileScalar(phi, ['x']);
  const df = compileScalar(differentiate(phi, 'x'), ['x']);
  const at = (e: Expr, q1: number, q2: number, k: number) => compileScalar(e, ['q1', 'q2', 'k'])(q1, q2, k);

  it('κ is E φ(u)φ(v) and κ̇ is E φ′(u)φ′(v)', () => {
    fc.assert(
      fc.property(variance, variance, correlation, (q1, q2, rho) => {
        const k = rho * Math.sqrt(q1 * q2);
        const scale = Math.sqrt(
          pairExpectation(f, kinksOf(phi), q1, q1, q1) * pairExpectation(f, kinksOf(phi), q2, q2, q2),
        );
        const dotScale = Math.sqrt(
          pairDerivative(df, kinksOf(phi), q1, q1, q1) * pairDerivative(df, kinksOf(phi), q2, q2, q2),
        );
        // Quadrature to 1e-12; the angle loses √ε near ±1, which 1 − |ρ| ≥ 1e-5 bounds by 1e-16/√1e-5.
        expect(Math.abs(at(dual.kappa, q1, q2, k) - pairExpectation(f, kinksOf(phi), q1, q2, k))).toBeLessThan(
          1e-10 * scale,
        );
        expect(
          Math.abs(at(dual.dotKappa, q1, q2, k) - pairDerivative(df, kinksOf(phi), q1, q2, k)),
        ).toBeLessThanOrEqual(1e-10 * dotScale);
      }),
      { numRuns: 15 },
    );
  });

  it('the diagonal forms are E φ² and E φ′²', () => {
    const q = sym('q');
    for (const v of [0.01, 0.4, 1, 2.7]) {
      const kappa = compileScalar(onDiagonal(dual.kappa, q), ['q'])(v);
      const dot = compileScalar(onDiagonal(dual.dotKappa, q), ['q'])(v);
      expect(kappa).toBeCloseTo(pairExpectation(f, kinksOf(phi), v, v, v), 11);
      expect(dot).toBeCloseTo(pairDerivative(df, kinksOf(phi), v, v, v), 11);
    }
  });

  it('is symmetric in its inputs', () => {
    expect(at(dual.kappa, 0.7, 1.9, 0.3)).toBeCloseTo(at(dual.kappa, 1.9, 0.7, 0.3), 14);
  });
});

describe('formulas that are known functions get the closed form', () => {
  const recognised = (formula: string) => {
    const phi = parseScalar(formula, ['x']);
    for (const op of vocabulary.values()) {
      const fields = op.recognise?.(phi);
      if (fields !== undefined) return { op: op.name, fields };
    }
    return undefined;
  };
  it.each([
    ['max(x,0)', 'abRelu'],
    ['max(0, x)', 'abRelu'],
    ['x > 0 ? x : 0', 'abRelu'],
    ['(x + abs(x))/2', 'abRelu'],
    ['abs(x)', 'abRelu'],
    ['sign(x)', 'sign'],
    ['max(x, 0)^2', 'rectifiedMonomial'],
    ['max(x, 0.1*x)', 'abRelu'],
    ['erf(x)', 'erf'],
    ['0.3 - 2*erf(x/3)', 'erf'],
    ['exp(x)', 'exp'],
    ['2*exp(-x)', 'exp'],
    ['e^x', 'exp'],
    ['sin(x)', 'sin'],
    ['2*sin(3*x + 1)', 'sin'],
    ['cos(x)', 'cos'],
    ['-cos(x - 0.5)', 'cos'],
    ['x*(1+erf(x/sqrt(2)))/2', 'gelu'],
    ['0.5*x*(1+erf(x*0.7071067811865476))', 'gelu'],
    ['x/2 + x*erf(x/sqrt(2))/2', 'gelu'],
  ])('%s', (formula, op) => {
    const found = recognised(formula);
    expect(found?.op).toBe(op);
    // What was found is the same function.
    const rule = vocabulary.get(op)?.kernel?.(found?.fields ?? {}, infinite) as ActivationRule;
    const [a, b] = [compileScalar(rule.activation.phi, ['x']), compileScalar(parseScalar(formula), ['x'])];
    for (const x of [-2.3, -0.4, 0, 0.7, 1.9]) expect(a(x)).toBeCloseTo(b(x), 13);
  });

  it.each([
    'tanh(x)',
    'x/(1+exp(-x))',
    'max(x, 1)',
    'max(x,0)+max(x-1,0)',
    'max(x,0) + max(x-1000, 0)',
    'sin(x)+x',
    'sin(x^2)',
    'erf(2*x) + x',
    'exp(x) + 1',
    'x^2',
    'abs(x)^1.01',
    'max(x,0)+1',
  ])('%s is none of them', (formula) => expect(recognised(formula)).toBeUndefined());
});

describe('kinks are found in the formula', () => {
  it.each([
    ['max(x, 0)', [0]],
    ['abs(x - 1.5)', [1.5]],
    ['min(max(x, -1), 1)', [-1, 1]],
    ['x > 2 ? x : 0', [2]],
    ['abs(x^2 - 2)', [-Math.SQRT2, Math.SQRT2]],
    ['sign(exp(x) - 2)', [Math.LN2]],
    ['max(x, 0)*max(1 - x, 0)', [0, 1]],
    ['tanh(x)', []],
    ['x/(1+exp(-x))', []],
    ['sqrt(abs(x))', [0]],
    ['sqrt(1 + x^2)', []],
  ])('%s', (formula, kinks) => {
    const found = kinksOf(parseScalar(formula, ['x']));
    expect(found).toHaveLength(kinks.length);
    kinks.forEach((k, i) => void expect(found[i]).toBeCloseTo(k, 12));
  });
});

it('κ̇ is derived from κ by differentiation, or 0 by convention where φ jumps', () => {
  for (const { name, dual } of cases) {
    const jumps = name.startsWith('sign') || name === 'rectifiedMonomial {"degree":0}';
    expect(printScalar(dual.dotKappa), name).toBe(jumps ? '0' : printScalar(differentiate(dual.kappa, 'k')));
  }
});
