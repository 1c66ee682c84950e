import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandSamples } from './batch.ts';
import { hermiteCoefficients, panelForDegree } from './hermite.ts';
import { panelNodes, panelRule } from './legendre.ts';
import { rootDensityAtZero } from './rule.ts';
import { seriesKappa, termsFor } from './series.ts';

/** Asked of the basis by its users: sums of thousands of terms of order 1. */
const orthonormal = 1e-12;
/** Relative to E φ²: the series' own tolerance (1e-12) and a few roundings. */
const series = 2e-12;

/** Panels of the width that degree P asks for, on [-R, R]. */
function panels(radius: number, degree: number) {
  const count = Math.ceil((2 * radius) / panelForDegree(degree));
  const half = radius / count;
  const z = new Float64Array(count * panelNodes);
  const weights = z.map((_, i) => half * panelRule.weights[i % panelNodes]!);
  return {
    z: z.map((_, i) => -radius + (2 * Math.floor(i / panelNodes) + 1 + panelRule.nodes[i % panelNodes]!) * half),
    weights,
  };
}

/** basis[p i] = h_p(z_i) exp(−z_i²/4)/(2π)^(1/4), p < degree: the orthonormal Hermite functions at the given nodes. */
function hermiteBasis(degree: number, z: Float64Array): Float64Array {
  const basis = new Float64Array(degree * z.length);
  for (let i = 0; i < z.length; i++) {
    let back = 0;
    let value = rootDensityAtZero * Math.exp((-z[i]! * z[i]!) / 4);
    for (let p = 0; p < degree; p++) {
      basis[p * z.length + i] = value;
      [back, value] = [value, (z[i]! * value - Math.sqrt(p) * back) / Math.sqrt(p + 1)];
    }
  }
  return basis;
}

describe('the Hermite functions', () => {
  it('are orthonormal to degree 400 on the panels that degree asks for', () => {
    const P = 401;
    const { z, weights } = panels(52, P);
    const basis = hermiteBasis(P, z);
    let worst = 0;
    for (const p of [0, 1, 2, 17, 100, 255, 398, 399, 400]) {
      for (let r = 0; r < P; r++) {
        let sum = 0;
        for (let i = 0; i < z.length; i++) sum += weights[i]! * basis[p * z.length + i]! * basis[r * z.length + i]!;
        worst = Math.max(worst, Math.abs(sum - (p === r ? 1 : 0)));
      }
    }
    expect(worst).toBeLessThan(orthonormal);
  });
});

describe('hermiteCoefficients', () => {
  it('are those of exp: e^{q/2} q^{p/2}/√p!', () => {
    for (const q of [0.1, 1, 10]) {
      const { coefficients } = hermiteCoefficients(Math.exp, [], q);
      let exact = Math.exp(q / 2);
      coefficients.forEach((a, p) => {
        expect(Math.abs(a - exact)).toBeLessThan(1e-13 * Math.exp(q));
        exact *= Math.sqrt(q / (p + 1));
      });
    }
  });

  it('stop at a polynomial’s degree, with a tail of rounding', () => {
    const { coefficients, tail, second } = hermiteCoefficients((x) => x ** 3 - 2 * x, [], 2);
    expect(coefficients.length).toBe(4);
    expect(tail).toBeLessThanOrEqual(2e-15 * second);
  });

  it('have at high degree the values the identity b_p = a_{p+1} √(p+1)/√q gives', () => {
    const q = 3;
    const P = 400;
    const a = hermiteCoefficients(Math.abs, [0], q, { maxDegree: P }).coefficients;
    const b = hermiteCoefficients(Math.sign, [0], q, { maxDegree: P - 1 }).coefficients;
    expect(b.length).toBe(P - 1);
    b.forEach((value, p) => {
      expect(Math.abs(value - (a[p + 1]! * Math.sqrt(p + 1)) / Math.sqrt(q))).toBeLessThan(1e-13);
    });
    expect(Math.abs(b[397]!)).toBeGreaterThan(1e-3);
  });

  it('leave a tail that bounds the error of the truncated kernel', () => {
    const exact = (rho: number) => (Math.sqrt(1 - rho * rho) + (Math.PI - Math.acos(rho)) * rho) / (2 * Math.PI);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 60 }), fc.double({ min: -1, max: 1, noNaN: true }), (P, rho) => {
        const { coefficients, tail } = hermiteCoefficients((x) => Math.max(x, 0), [0], 1, { maxDegree: P });
        const error = Math.abs(seriesKappa(coefficients, coefficients, coefficients.length, rho) - exact(rho));
        expect(error).toBeLessThanOrEqual(Math.abs(rho) ** P * tail + 1e-15);
      }),
      { numRuns: 50 },
    );
  });
});

describe('seriesKappa', () => {
  const gelu2 = {
    phi: (x: number) => Math.exp(-x * x),
    kappa: (q: number, p: number, k: number) => ((1 + 2 * q) * (1 + 2 * p) - 4 * k * k) ** -0.5,
  };

  it('is E φ(u)φ(v) for exp(−x²)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.double({ min: 0.05, max: 2, noNaN: true }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        (q, p, rho) => {
          const { coefficients, degree, second } = expandSamples(gelu2.phi, [], Float64Array.of(q, p));
          const [a, b] = [coefficients.subarray(0, degree), coefficients.subarray(degree)];
          const k = rho * Math.sqrt(q * p);
          const norm = Math.sqrt(second[0]! * second[1]!);
          expect(Math.abs(seriesKappa(a, b, degree, rho) - gelu2.kappa(q, p, k))).toBeLessThan(series * norm);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('needs few terms far from ±1', () => {
    expect(termsFor(0.3, 500, 1e-12)).toBe(23);
    expect(termsFor(0, 500, 1e-12)).toBe(1);
    expect(termsFor(-1, 500, 1e-12)).toBe(500);
  });
});

describe('expandSamples', () => {
  it('gives every row the common degree, whatever the order and repeats', () => {
    const qs = Float64Array.of(0.1, 1, 0, 0.1, 2);
    const { degree, coefficients, tails, second } = expandSamples(Math.tanh, [], qs);
    expect(degree).toBeGreaterThan(100);
    qs.forEach((q, i) => {
      expect(tails[i]!).toBeLessThanOrEqual(1e-12 * second[i]!);
      const row = coefficients.subarray(i * degree, (i + 1) * degree);
      expect(row).toEqual(expandSamples(Math.tanh, [], Float64Array.of(q, 2)).coefficients.subarray(0, degree));
    });
    expect(coefficients.slice(2 * degree, 3 * degree)).toEqual(new Float64Array(degree));
  });
});
