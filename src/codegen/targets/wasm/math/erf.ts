import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import { exp } from './exponential.ts';
import type { NumberType } from './numberType.ts';
import { horner, polynomial, withSign } from './polynomial.ts';

/** @derived an odd polynomial up to 1; above, 1 − e^{−x²} erfcx x, where an error of erfcx counts little. */
export function erf(b: LaneBuilder, type: NumberType, x: number): number {
  const { erfSmall, erfcxLarge } = type.polynomials;
  const size = b.of('abs', x);
  const small = b.of('mul', size, horner(b, erfSmall, b.of('mul', size, size)));
  const a = b.of('min', size, b.constant(type.erfEnd));
  const u = b.of('div', b.of('sub', a, b.constant(2.5)), b.of('add', a, b.constant(2.5)));
  const gaussian = exp(b, type, b.of('neg', b.of('mul', a, a)));
  const large = b.of('nmadd', gaussian, polynomial(b, erfcxLarge, u), b.constant(1));
  return withSign(b, type, b.of('select', b.of('less', b.constant(1), size), large, small), x);
}
