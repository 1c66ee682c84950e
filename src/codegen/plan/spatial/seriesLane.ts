import type { LaneBuilder } from '../../../ir/loop/index.ts';
import { atX, atY, type Expand } from '../../../ir/program/index.ts';
import { call, type Expr, mul, num, pow, sym } from '../../../ir/scalar/index.ts';
import type { ExpressionLowering } from '../lower.ts';
import { storedOf } from './parity.ts';

export interface SeriesLane {
  readonly expand: Expand;
  readonly order: 0 | 1;
  readonly covariance: string;
  /** The series, and the number that says up to which |ρ| it keeps the tolerance. */
  readonly name: string;
  readonly limit: string;
  /** Whether the variance can be 0. */
  readonly mayVanish: boolean;
}

/**
 * @eq daniely2016 (dual activation, Mehler's formula): E φ(u)φ(v) = Σ_p a_p a'_p ρ^p; NaN beyond the largest |ρ| at which the
 * coefficients keep the tolerance. ρ is 0 where a variance is. Of an odd or even φ a series in ρ², times ρ where its lowest
 * power is 1.
 */
export function seriesLane(b: LaneBuilder, lowering: ExpressionLowering, series: SeriesLane): number {
  const { expand, order, covariance, name, limit, mayVanish } = series;
  const inverseRoot = (q: Expr) => (mayVanish ? call('select', q, pow(q, -0.5), num(0)) : pow(q, -0.5));
  const [qx, qy] = [sym(atX(expand.variance)), sym(atY(expand.variance))];
  const rho = lowering.lane(mul(sym(covariance), inverseRoot(qx), inverseRoot(qy)));
  const inside = b.of('min', b.of('max', rho, b.constant(-1)), b.constant(1));
  const isKept = b.of('lessEqual', b.of('abs', rho), lowering.lane(sym(limit)));
  const { first, step } = storedOf(expand, order);
  const sum = b.series(name, step === 2 ? b.of('mul', inside, inside) : inside);
  return b.of('select', isKept, first === 1 ? b.of('mul', sum, inside) : sum, b.constant(Number.NaN));
}
