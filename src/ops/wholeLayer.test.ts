/** Ops whose κ is no elementwise dual, and Hermite polynomials: against quadrature and against other formulas. */
import { describe, expect, it } from 'vitest';
import { pairDerivative, pairExpectation } from '../ir/gaussian/nested.ts';
import { compileScalar, differentiate, type Expr } from '../ir/scalar/index.ts';
import type { ActivationRule, CovarianceRule } from './op.ts';
import { network, vocabulary } from './vocabulary.ts';
import { polynomialDual } from './wick.ts';

const ruleOf = (op: string, fields: Readonly<Record<string, unknown>>) => {
  const layer = network({ input: { shape: [2] }, layers: [{ op: 'dense' }, { op, ...fields }] }).layers[1];
  return vocabulary.get(op)?.kernel?.(layer ?? {}, { fanIn: Number.POSITIVE_INFINITY, extents: [] });
};
const at = (e: Expr, q1: number, q2: number, k: number) => compileScalar(e, ['q1', 'q2', 'k'])(q1, q2, k);

describe('expNormalized', () => {
  it.each([
    { gamma: 1, shift: -1 },
    { gamma: 0.4, shift: 0.3 },
  ])('is s ψ(h/s) with s² the variance: $gamma, $shift', ({ gamma, shift }) => {
    const { kappa } = ruleOf('expNormalized', { gamma, shift }) as CovarianceRule;
    const psi = (z: number) => Math.exp(Math.sqrt(gamma) * z + (gamma * (shift - 1)) / 2);
    const slope = (z: number) => Math.sqrt(gamma) * psi(z);
    for (const [q1, q2, rho] of [
      [0.3, 2, 0.6],
      [1, 1, -0.9],
      [4, 0.01, 0.999],
      [2, 2, 1],
    ] as const) {
      const root = Math.sqrt(q1 * q2);
      // Quadrature to 1e-12 of the second moment, which is at most e^γ times these.
      expect(at(kappa, q1, q2, rho * root) / root).toBeCloseTo(pairExpectation(psi, [], 1, 1, rho), 10);
      expect(at(differentiate(kappa, 'k'), q1, q2, rho * root)).toBeCloseTo(pairDerivative(slope, [], 1, 1, rho), 10);
    }
  });

  it('is 0 where an input is, without a NaN in its derivative', () => {
    const { kappa } = ruleOf('expNormalized', {}) as CovarianceRule;
    for (const q of [0, 1.3]) {
      expect(at(kappa, 0, q, 0)).toBe(0);
      expect(at(differentiate(kappa, 'k'), 0, q, 0)).toBe(0);
    }
  });
});

describe('hermite', () => {
  const dualOf = (degree: number) => {
    const { activation } = ruleOf('hermite', { degree }) as ActivationRule;
    if (activation.dual.kind !== 'closed') throw new Error('not closed');
    return { phi: compileScalar(activation.phi, ['x']), kappa: activation.dual.kappa };
  };

  it('is k^degree at variance 1, up to the highest degree', () => {
    for (const degree of [1, 2, 7, 20])
      for (const k of [-0.8, 0.3, 1]) expect(at(dualOf(degree).kappa, 1, 1, k)).toBeCloseTo(k ** degree, 12);
  });

  it('at other variances is what Wick’s theorem gives for its coefficients, which k^degree is not', () => {
    // He_4/√24 = (x⁴ − 6x² + 3)/√24.
    const [{ kappa, phi }, root] = [dualOf(4), Math.sqrt(24)];
    const wick = polynomialDual([3 / root, 0, -6 / root, 0, 1 / root]);
    for (const x of [-1.3, 0.2, 2]) expect(phi(x)).toBeCloseTo((x ** 4 - 6 * x * x + 3) / root, 12);
    for (const [q1, q2, k] of [
      [0.3, 1.7, 0.5],
      [2, 2, -1.1],
      [0.4, 0.4, 0.4],
    ] as const) {
      expect(at(kappa, q1, q2, k)).toBeCloseTo(at(wick, q1, q2, k), 11);
      expect(Math.abs(at(kappa, q1, q2, k) - k ** 4)).toBeGreaterThan(1e-3);
    }
  });
});
