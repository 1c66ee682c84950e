import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brokenLine } from './broken.ts';
import { type DualSpec, dualActivation } from './dual.ts';
import { integrands } from './mesh.ts';
import { pairExpectation } from './nested.ts';

/** Relative to √(κ(x,x) κ(x',x')): the default tolerance of the routes, twice. */
const agreed = 2e-12;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const cases: Record<string, Required<Pick<DualSpec, 'phi' | 'dphi' | 'kinks'>>> = {
  tanh: { phi: Math.tanh, dphi: (x) => 1 - Math.tanh(x) ** 2, kinks: [] },
  silu: { phi: (x) => x * sigmoid(x), dphi: (x) => sigmoid(x) * (1 + x * (1 - sigmoid(x))), kinks: [] },
  elu: { phi: (x) => (x > 0 ? x : Math.expm1(x)), dphi: (x) => (x > 0 ? 1 : Math.exp(x)), kinks: [0] },
  hardTanh: { phi: (x) => Math.max(-1, Math.min(1, x)), dphi: (x) => (Math.abs(x) < 1 ? 1 : 0), kinks: [1, -1] },
  leaky: { phi: (x) => Math.max(0.1 * x, x), dphi: (x) => (x > 0 ? 1 : 0.1), kinks: [0] },
  floor: { phi: (x) => (x > 1 ? 2 : x > -0.5 ? 1 : 0), dphi: () => 0, kinks: [-0.5, 1] },
};

const variance = fc.oneof(fc.constantFrom(0.01, 1, 30), fc.double({ min: 0.01, max: 30, noNaN: true }));
const rhos = fc.oneof(
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(1, -1, 1 - 1e-12, 1 - 1e-8, 0.9999, -0.9999, 0.99, 0.95, 0),
);

describe.each(Object.entries(cases))('dualActivation of %s', (_, { phi, dphi, kinks }) => {
  const dual = dualActivation({ phi, dphi, kinks });

  it('agrees with the two-dimensional integral by every route, within its own bound', () => {
    fc.assert(
      fc.property(variance, variance, rhos, (q, p, rho) => {
        const [x, y] = [dual.prepare(Float64Array.of(q, 1)), dual.prepare(Float64Array.of(p))];
        const k = rho * (Math.sqrt(q) * Math.sqrt(p));
        const norm = Math.sqrt(dual.selfKappa(q) * dual.selfKappa(p));
        const value = dual.kappa(x, 0, y, 0, k);
        expect(Math.abs(value - pairExpectation(phi, kinks, q, p, k))).toBeLessThanOrEqual(agreed * norm);
        expect(dual.errorBound(x, 0, y, 0, k)).toBeLessThanOrEqual(1.0001e-12 * norm);
        const normDot = Math.sqrt(dual.selfDotKappa(q) * dual.selfDotKappa(p));
        const exact = pairExpectation(dphi, kinks, q, p, k);
        // At ρ = ±1 within rounding, κ̇ of a kinked φ has a slope of 1/√(1−ρ²): the 1e-16 in ρ comes to 1e-8.
        const conditioning = kinks.length > 0 ? 1e-15 / Math.sqrt((1 - rho) * (1 + rho) + 1e-15) : 0;
        expect(Math.abs(dual.dotKappa(x, 0, y, 0, k) - exact)).toBeLessThanOrEqual(agreed * normDot + conditioning);
      }),
      { numRuns: 40 },
    );
  }, 60000);

  it('is the second moment at equal inputs, and symmetric', () => {
    const x = dual.prepare(Float64Array.of(0.3, 2, 2.5));
    expect(dual.kappa(x, 1, x, 1, 2)).toBe(x.value.second[1]);
    expect(Math.abs(dual.selfKappa(2) / x.value.second[1]! - 1)).toBeLessThan(1e-13);
    for (const rho of [0.2, 0.97, 0.99999]) {
      const k = rho * Math.sqrt(0.3 * 2.5);
      const [there, back] = [dual.kappa(x, 0, x, 2, k), dual.kappa(x, 2, x, 0, k)];
      expect(Math.abs(there - back)).toBeLessThan(1e-15 * Math.max(1, Math.abs(there)));
    }
  });
});

describe('dualActivation', () => {
  it('gives sign the convention κ̇ = 0 and κ = 2 asin(ρ)/π', () => {
    const dual = dualActivation({ phi: Math.sign, dphi: () => 0, kinks: [0] });
    const x = dual.prepare(Float64Array.of(2, 2));
    for (const rho of [0.3, 0.95, 0.99999, 1 - 1e-12, -0.999]) {
      expect(Math.abs(dual.kappa(x, 0, x, 1, 2 * rho) - (2 * Math.asin(rho)) / Math.PI)).toBeLessThan(1e-12);
      expect(dual.dotKappa(x, 0, x, 1, 2 * rho)).toBe(0);
    }
  });

  it('takes variance 0 on either side', () => {
    const dual = dualActivation({ phi: (x) => Math.max(x, 0) + 1, dphi: (x) => (x > 0 ? 1 : 0), kinks: [0] });
    const x = dual.prepare(Float64Array.of(0, 2));
    expect(dual.kappa(x, 0, x, 0, 0)).toBe(1);
    expect(Math.abs(dual.kappa(x, 0, x, 1, 0) - (1 + 1 / Math.sqrt(Math.PI)))).toBeLessThan(1e-14);
  });

  it('keeps a looser bound with a looser tolerance and a lower cap, never silently', () => {
    const dual = dualActivation({ phi: Math.tanh, kinks: [], tolerance: 1e-6, maxDegree: 8 });
    const x = dual.prepare(Float64Array.of(5));
    for (const rho of [0.1, 0.5, 0.9, 0.99]) {
      const error = Math.abs(dual.kappa(x, 0, x, 0, 5 * rho) - pairExpectation(Math.tanh, [], 5, 5, 5 * rho));
      expect(error).toBeLessThanOrEqual(dual.errorBound(x, 0, x, 0, 5 * rho));
      expect(dual.errorBound(x, 0, x, 0, 5 * rho)).toBeLessThan(1e-6);
    }
  });

  it('names what is wrong: no derivative, divergence, a NaN', () => {
    const dual = dualActivation({ phi: (x) => Math.exp(x * x), kinks: [] });
    expect(() => dual.prepare(Float64Array.of(0.1, 0.5))).toThrow('does not converge at variance 0.5');
    const x = dual.prepare(Float64Array.of(0.1));
    expect(() => dual.dotKappa(x, 0, x, 0, 0.05)).toThrow('none was given');
    const root = dualActivation({ phi: Math.sqrt, kinks: [] });
    expect(() => root.prepare(Float64Array.of(1))).toThrow(/no real value at x = -/);
  });

  it.each([Number.POSITIVE_INFINITY, Number.NaN, -1])('refuses the variance %s by that name', (q) => {
    const tanh = dualActivation({ phi: Math.tanh, dphi: (x) => 1 - Math.tanh(x) ** 2, kinks: [] });
    expect(() => tanh.prepare(Float64Array.of(1, q))).toThrow(`${q} is not a variance`);
  });

  describe('where the derivative of a sigmoid overflows far out', () => {
    const exponential = dualActivation({
      phi: (x) => 1 / (1 + Math.exp(-x)),
      dphi: (x) => Math.exp(-x) * (1 + Math.exp(-x)) ** -2,
      kinks: [],
    });
    const bounded = dualActivation({
      phi: (x) => 0.5 + 0.5 * Math.tanh(x / 2),
      dphi: (x) => 0.25 * (1 - Math.tanh(x / 2) ** 2),
      kinks: [],
    });

    it('is the same function where the Gaussian does not reach that', () => {
      const q = 22 ** 2; // 355 is where (1 + e^x)² overflows, 13·22 what is looked at
      const [a, b] = [exponential, bounded].map((dual) => {
        const sample = dual.prepare(Float64Array.of(q));
        return [dual.kappa(sample, 0, sample, 0, 0.3 * q), dual.dotKappa(sample, 0, sample, 0, 0.3 * q)];
      }) as [number[], number[]];
      expect(Math.abs(a[0]! / b[0]! - 1)).toBeLessThan(1e-12); // the tolerance of both
      expect(Math.abs(a[1]! / b[1]! - 1)).toBeLessThan(1e-12);
    });

    it('says that it overflows, not that it has no value, where it does', () => {
      expect(() => exponential.prepare(Float64Array.of(100 ** 2))).toThrow(/at x = -\d+.*where parts of it overflow/);
    });

    it('says how to write softplus, and that is softplus', () => {
      const dphi = (x: number) => Math.exp(x) / (1 + Math.exp(x));
      const plain = dualActivation({ phi: (x) => Math.log(1 + Math.exp(x)), dphi, kinks: [] });
      const phi = (x: number) => Math.max(x, 0) + Math.log(1 + Math.exp(-Math.abs(x)));
      const written = dualActivation({ phi, dphi: (x) => 0.5 + 0.5 * Math.tanh(x / 2), kinks: [0] });
      const advice = 'max(x, 0) + log(1 + exp(-abs(x))) for log(1 + exp(x))';
      expect(() => plain.prepare(Float64Array.of(100 ** 2))).toThrow(advice);
      for (const [dual, q] of [
        [plain, 9],
        [written, 100 ** 2],
      ] as const) {
        const [at, whole] = [dual.prepare(Float64Array.of(q)), pairExpectation(phi, [0], q, q, 0.3 * q)];
        // the tolerance of both, and the quadrature they are held against
        expect(Math.abs(dual.kappa(at, 0, at, 0, 0.3 * q) / whole - 1)).toBeLessThan(1e-11);
      }
    });
  });
});

describe('brokenLine', () => {
  const lineOf = (phi: (x: number) => number, kinks: readonly number[]) => brokenLine(integrands([phi], kinks), 0, 50);

  it('reads slopes and jumps, and refuses what bends, hides a kink, or does both', () => {
    expect(lineOf((x) => Math.max(-1, Math.min(1, x)), [-1, 1])?.kind).toBe('slopes');
    expect(lineOf((x) => (x > 1 ? 3 : 0), [1])?.kind).toBe('jumps');
    expect(lineOf((x) => 2 * x + 1, [])).toEqual({ kind: 'slopes', changes: [] });
    expect(lineOf((x) => (x > 0 ? x : Math.expm1(x)), [0])).toBeUndefined();
    expect(lineOf((x) => Math.max(-1, Math.min(1, x)), [1])).toBeUndefined();
    expect(lineOf((x) => (x > 1 ? x : 0), [1])).toBeUndefined();
  });
});
