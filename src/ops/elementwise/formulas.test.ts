/** Activations in use that have no op of their own: each formula against quadrature of the function as its paper has it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dualActivation } from '../../ir/gaussian/index.ts';
import { pairDerivative, pairExpectation } from '../../ir/gaussian/nested.ts';
import { compileScalar, differentiate, type Expr } from '../../ir/scalar/index.ts';
import type { SeriesDual } from '../dual.ts';
import type { ActivationRule } from '../op.ts';
import { network, vocabulary } from '../vocabulary.ts';

const logistic = (x: number) => 1 / (1 + Math.exp(-x));
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const [seluScale, seluAlpha] = [1.0507009873554805, 1.6732632423543772];

interface Case {
  readonly expr: string;
  readonly phi: (x: number) => number;
  readonly dphi: (x: number) => number;
  readonly kinks: readonly number[];
}
const mishSlope = (x: number) => Math.tanh(softplus(x)) + x * (1 - Math.tanh(softplus(x)) ** 2) * logistic(x);
const cases: Readonly<Record<string, Case>> = {
  tanh: { expr: 'tanh(x)', phi: Math.tanh, dphi: (x) => 1 / Math.cosh(x) ** 2, kinks: [] },
  silu: {
    expr: 'x/(1+exp(-x))',
    phi: (x) => x * logistic(x),
    dphi: (x) => logistic(x) * (1 + x * logistic(-x)),
    kinks: [],
  },
  mish: { expr: 'x*tanh(log(1+exp(x)))', phi: (x) => x * Math.tanh(softplus(x)), dphi: mishSlope, kinks: [] },
  softplus: { expr: 'log(1+exp(x))', phi: softplus, dphi: logistic, kinks: [] },
  elu: {
    expr: 'x > 0 ? x : exp(x) - 1',
    phi: (x) => (x > 0 ? x : Math.expm1(x)),
    dphi: (x) => (x > 0 ? 1 : Math.exp(x)),
    kinks: [0],
  },
  selu: {
    expr: `${seluScale}*(x > 0 ? x : ${seluAlpha}*(exp(x) - 1))`,
    phi: (x) => seluScale * (x > 0 ? x : seluAlpha * Math.expm1(x)),
    dphi: (x) => seluScale * (x > 0 ? 1 : seluAlpha * Math.exp(x)),
    kinks: [0],
  },
  hardSwish: {
    expr: 'x*min(max(x + 3, 0), 6)/6',
    phi: (x) => (x <= -3 ? 0 : x >= 3 ? x : (x * (x + 3)) / 6),
    dphi: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6),
    kinks: [-3, 3],
  },
  squaredRelu: {
    expr: 'max(x, 0)^2',
    phi: (x) => (x > 0 ? x * x : 0),
    dphi: (x) => (x > 0 ? 2 * x : 0),
    kinks: [0],
  },
};

/** The rule that a network with this formula gets. */
function seriesOf(expr: string): { readonly phi: Expr; readonly dual: SeriesDual } {
  const layer = network({ input: { shape: [2] }, layers: [{ op: 'dense' }, { op: 'elementwise', expr }] }).layers[1];
  const rule = vocabulary.get('elementwise')?.kernel?.(layer ?? {}, { fanIn: 2, extents: [] }) as ActivationRule;
  return { phi: rule.activation.phi, dual: rule.activation.dual as SeriesDual };
}

const variance = fc.constantFrom(0.03, 0.4, 1, 2.5, 9);
const correlation = fc.oneof(fc.double({ min: -1, max: 1, noNaN: true }), fc.constantFrom(1, -1, 0.9999, -0.99, 0));

describe.each(Object.entries(cases))('%s', (_, { expr, phi, dphi, kinks }) => {
  const { phi: parsed, dual } = seriesOf(expr);
  const f = compileScalar(parsed, ['x']);
  const engine = dualActivation({ phi: f, dphi: compileScalar(differentiate(parsed, 'x'), ['x']), ...dual });

  it('is the function its paper has, kinks found', () => {
    // Where the formula cancels it errs by ε, not by ε of its value.
    for (let x = -8; x <= 8; x += 0.37) expect(Math.abs(f(x) - phi(x))).toBeLessThan(1e-14 * (1 + Math.abs(x)));
    expect(dual.kinks).toHaveLength(kinks.length);
    kinks.forEach((kink, i) => void expect(dual.kinks[i]).toBeCloseTo(kink, 12));
  });

  it('has κ and κ̇ within the tolerance it promises, and says so', () => {
    expect(dual.tolerance).toBe(1e-10);
    fc.assert(
      fc.property(variance, variance, correlation, (q, p, rho) => {
        const k = rho * Math.sqrt(q) * Math.sqrt(p);
        const at = engine.prepare(Float64Array.of(q, p));
        const norm = Math.sqrt(engine.selfKappa(q) * engine.selfKappa(p));
        const error = Math.abs(engine.kappa(at, 0, at, 1, k) - pairExpectation(phi, kinks, q, p, k));
        expect(engine.errorBound(at, 0, at, 1, k)).toBeLessThanOrEqual(1.0001e-10 * norm);
        // The promise, and the quadrature it is held against: 2e-12 (src/ir/gaussian/dual.test.ts).
        expect(error).toBeLessThanOrEqual(1.02e-10 * norm);
        const normDot = Math.sqrt(engine.selfDotKappa(q) * engine.selfDotKappa(p));
        const errorDot = Math.abs(engine.dotKappa(at, 0, at, 1, k) - pairDerivative(dphi, kinks, q, p, k));
        // Where φ' jumps κ̇ has the slope 1/√(1 − ρ²): the 1e-16 in ρ comes to 1e-8 at ±1.
        const conditioning = kinks.length > 0 ? 1e-15 / Math.sqrt((1 - rho) * (1 + rho) + 1e-15) : 0;
        expect(errorDot).toBeLessThanOrEqual(1.02e-10 * normDot + conditioning);
      }),
      { numRuns: 12 },
    );
  });
});
