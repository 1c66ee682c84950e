/** Gaussian moments of polynomials. */
import { add, type Expr, mul, pow } from '../ir/scalar/index.ts';
import { k, q1, q2, x } from './dual.ts';

export const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));

/** Σ c_i x^i. */
export const polynomialIn = (coefficients: readonly number[]): Expr =>
  add(...coefficients.map((c, i) => mul(c, pow(x, i))));

/**
 * κ of φ = Σ c_i x^i: Σ_l k^l/l! · A_l(q) A_l(q'), A_l(q) = Σ_i c_{l+2i} (l+2i)!/(2^i i!) q^i.
 *
 * @derived x^n = Σ_i n!/(2^i i! (n−2i)!) q^i He_{n−2i}(x; q), and E He_l(u) He_m(v) = δ_lm l! k^l
 */
export function polynomialDual(coefficients: readonly number[]): Expr {
  const n = coefficients.length;
  const A = (l: number, q: Expr): Expr =>
    add(
      ...Array.from({ length: Math.floor((n - 1 - l) / 2) + 1 }, (_, i) => {
        const c = coefficients[l + 2 * i] as number;
        return mul((c * factorial(l + 2 * i)) / (2 ** i * factorial(i)), pow(q, i));
      }),
    );
  return add(...Array.from({ length: n }, (_, l) => mul(1 / factorial(l), pow(k, l), A(l, q1), A(l, q2))));
}

/** Coefficients of x^degree alone. */
export const monomial = (degree: number): readonly number[] =>
  Array.from({ length: degree + 1 }, (_, i) => (i === degree ? 1 : 0));
