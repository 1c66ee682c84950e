/** Formulas that are odd or even: every other coefficient is 0. */
import type { Expand } from '../../../ir/program/index.ts';
import { compileScalar, type Expr } from '../../../ir/scalar/index.ts';

/** Coefficients a_first, a_{first+step}, ... that may differ from 0. */
export interface Stored {
  readonly first: 0 | 1;
  readonly step: 1 | 2;
}

/** φ has the parity of its coefficients' degrees, φ' the other one. */
export function storedOf({ phi, kinks }: Expand, order: 0 | 1): Stored {
  const sign = parityOf(phi, kinks);
  if (sign === undefined) return { first: 0, step: 1 };
  return { first: (sign === -1) === (order === 0) ? 1 : 0, step: 2 };
}

const samples = 40;

/** φ(−x) = ±φ(x): kinks that mirror each other, and values to all digits at points from 1e-3 to 1e3 and beside the kinks. */
function parityOf(phi: Expr, kinks: readonly number[]): 1 | -1 | undefined {
  if (!kinks.every((x) => kinks.includes(-x))) return undefined;
  const f = compileScalar(phi, ['x']);
  const spread = Array.from({ length: samples }, (_, i) => 10 ** ((6 * (i + Math.SQRT1_2)) / samples - 3));
  const points = [...spread, ...kinks.flatMap((x) => [0.999 * Math.abs(x), 1.001 * Math.abs(x)])];
  const isThat = (sign: 1 | -1) =>
    points.every((x) => {
      const [a, b] = [f(x), sign * f(-x)];
      return Object.is(a, b) || a === b || Math.abs(a - b) <= 4 * Number.EPSILON * Math.abs(a);
    });
  return ([-1, 1] as const).find(isThat);
}
