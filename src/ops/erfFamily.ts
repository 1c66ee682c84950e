/** φ(x) = a·erf(b·x) + c. */
import { add, call, mul, pi, pow, simplify, sqrt } from '../ir/scalar/index.ts';
import { type Activation, closedDual, determinant, k, q1, q2, x } from './dual.ts';

/**
 * κ = a² (2/π) asin(2b²k/√((1+2b²q)(1+2b²q'))) + c² = a² (2/π) atan2(2b²k, R) + c²: the second form keeps its digits
 * near equal inputs. R² = (1+2b²q)(1+2b²q') − 4b⁴k², written as 1 + 2b²q + 2b²q' + 4b⁴(qq' − k²).
 *
 * @eq williams1997 (11) for a = b = 1, c = 0
 */
export function erfFamily(a: number, b: number, c: number, phiTex: string): Activation {
  const bb = b * b;
  const R = sqrt(simplify(add(1, mul(2 * bb, q1), mul(2 * bb, q2), mul(4 * bb * bb, determinant))));
  const kappa = add(mul(2 * a * a, pow(pi, -1), call('atan2', mul(2 * bb, k), R)), c * c);
  return {
    phi: add(mul(a, call('erf', mul(b, x))), c),
    phiTex,
    dual: closedDual(kappa, { labels: [{ letter: 'r', tex: 'R', text: 'R', expr: R }] }),
  };
}
