/**
 * Dual activations: κ(q, q', k) = E φ(u)φ(v) with (u, v) ~ N(0, [[q, k], [k, q']]).
 * An op states κ, in the symbols k, q1, q2; its derivative κ̇ = ∂κ/∂k = E φ'(u)φ'(v) is derived (Price's theorem).
 */
import { differentiate, type Expr, mul, simplify, sub, sym } from '../ir/scalar/index.ts';

export const k = sym('k');
export const q1 = sym('q1');
export const q2 = sym('q2');
export const x = sym('x');

/** A subexpression worth a name in derivations and emitted code. */
export interface Label {
  /** Identifier, e.g. "angle". */
  readonly letter: string;
  readonly tex: string;
  readonly text: string;
  readonly expr: Expr;
}

export interface ClosedDual {
  readonly kind: 'closed';
  readonly kappa: Expr;
  readonly dotKappa: Expr;
  readonly labels: readonly Label[];
}

/** No closed form: Hermite coefficients a sample (src/ir/gaussian). */
export interface SeriesDual {
  readonly kind: 'series';
  readonly kinks: readonly number[];
  readonly tolerance: number;
  readonly maxDegree: number;
}

export interface Activation {
  /** φ, in the symbol x. */
  readonly phi: Expr;
  /** φ as a reader expects to see it, in TeX, e.g. \max(0, x). */
  readonly phiTex: string;
  readonly dual: ClosedDual | SeriesDual;
}

/** A closed form, with κ̇ by differentiation unless the convention is another one (sign: κ̇ := 0). */
export function closedDual(
  kappa: Expr,
  options: { readonly labels?: readonly Label[]; readonly dotKappa?: Expr } = {},
): ClosedDual {
  return {
    kind: 'closed',
    kappa,
    dotKappa: options.dotKappa ?? differentiate(kappa, 'k'),
    labels: options.labels ?? [],
  };
}

/** q q' − k², the Gram determinant: zero at parallel inputs. */
export const determinant: Expr = simplify(sub(mul(q1, q2), mul(k, k)));
