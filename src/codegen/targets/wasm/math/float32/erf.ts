import type { LaneBuilder } from '../../../../../ir/loop/index.ts';
import { horner, polynomial } from '../polynomial.ts';
import { withSign } from './bits.ts';
import { erfcxLarge, erfSmall } from './coefficients.generated.ts';
import { exp } from './exponential.ts';

/** @derived an odd polynomial up to 1; above, 1 − e^{−x²} erfcx x. Beyond 4 erf is 1 in float32. */
export function erf(b: LaneBuilder, x: number): number {
  const size = b.of('abs', x);
  const small = b.of('mul', size, horner(b, erfSmall, b.of('mul', size, size)));
  const a = b.of('min', size, b.constant(4));
  const u = b.of('div', b.of('sub', a, b.constant(2.5)), b.of('add', a, b.constant(2.5)));
  const gaussian = exp(b, b.of('neg', b.of('mul', a, a)));
  const large = b.of('nmadd', gaussian, polynomial(b, erfcxLarge, u), b.constant(1));
  return withSign(b, b.of('select', b.of('less', b.constant(1), size), large, small), x);
}
