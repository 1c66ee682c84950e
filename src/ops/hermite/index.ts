import { z } from 'zod';
import { add, type Expr, mul, pow } from '../../ir/scalar/index.ts';
import { defineActivation } from '../activation.ts';
import { closedDual, k, q1, q2, x } from '../dual.ts';
import { factorial } from '../wick.ts';

/** n!/(2^m m! l!), l = n − 2m: how often m pairs can be taken out of n. */
const pairings = (n: number, m: number): number => factorial(n) / (2 ** m * factorial(m) * factorial(n - 2 * m));

const sumOver = (n: number, term: (m: number) => Expr): Expr =>
  add(...Array.from({ length: Math.floor(n / 2) + 1 }, (_, m) => term(m)));

/** He_n(x)/√n! = Σ_m (−1)^m pairings x^{n−2m}/√n!. */
const phi = (n: number): Expr =>
  sumOver(n, (m) => mul(((-1) ** m * pairings(n, m)) / Math.sqrt(factorial(n)), pow(x, n - 2 * m)));

/**
 * κ = Σ_m pairings² l!/n! ((q−1)(q'−1))^m k^l, l = n − 2m; k^n at q = q' = 1.
 *
 * @derived He_n(√q z) = Σ_m pairings (q−1)^m q^{l/2} He_l(z), and E He_l(z)He_l(z') = l! ρ^l
 */
const kappa = (n: number): Expr =>
  sumOver(n, (m) => {
    const l = n - 2 * m;
    const coefficient = (pairings(n, m) ** 2 * factorial(l)) / factorial(n);
    return mul(coefficient, pow(add(q1, -1), m), pow(add(q2, -1), m), pow(k, l));
  });

export const op = defineActivation({
  name: 'hermite',
  summary: 'Hermite polynomial of a degree, normalised for inputs of variance 1, exact for any',
  fields: { degree: z.int().min(1).max(20) },
  source: 'neural-tangents Hermite, which takes k^degree for any variance; @derived',
  activation: ({ degree }) => ({
    phi: phi(degree),
    phiTex: degree < 2 ? 'x' : `\\tfrac{1}{\\sqrt{${degree}!}}\\,\\mathrm{He}_{${degree}}(x)`,
    dual: closedDual(kappa(degree)),
  }),
  examples: [{ degree: 3 }, { degree: 4 }],
});
