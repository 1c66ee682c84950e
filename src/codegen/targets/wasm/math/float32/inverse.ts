/** atan, atan2 and asin in float32. @derived as ../inverse.ts has them. */
import type { LaneBuilder } from '../../../../../ir/loop/index.ts';
import { angleBy } from '../angle.ts';
import { polynomial } from '../polynomial.ts';
import { signWhere, withSign } from './bits.ts';
import { angleAxis, angleDiagonal, asinRest, atanRest } from './coefficients.generated.ts';

const tanEighthTurn = Math.SQRT2 - 1;

/** The angle of (x, y) in [0, π], y ≥ 0. */
function upperAngle(b: LaneBuilder, y: number, x: number): number {
  const size = b.of('abs', x);
  // A NaN in either passes on: it stays the first argument of min and max.
  const [low, high] = [b.of('min', y, size), b.of('max', size, y)];
  const wide = b.of('less', b.of('mul', high, b.constant(tanEighthTurn)), low);
  const numerator = b.of('select', wide, b.of('sub', low, high), low);
  const denominator = b.of('select', wide, b.of('add', low, high), high);
  // 0/0, the angle of no direction, is 0.
  const t = b.of('div', numerator, b.of('max', denominator, b.constant(2 ** -149)));
  const z = b.of('mul', t, t);
  const [steep, left] = [b.of('less', size, y), b.of('less', x, b.constant(0))];
  const [steepSign, leftSign] = [signWhere(b, steep), signWhere(b, left)];
  // Quarters of π: 1 where wide; 2 minus that where steep; 4 minus that where left.
  const one = b.of('and', wide, b.constant(1));
  const two = b.of('add', b.of('and', steep, b.constant(2)), b.of('xor', one, steepSign));
  const quarters = b.of('add', b.of('and', left, b.constant(4)), b.of('xor', two, leftSign));
  const signed = b.of('xor', b.of('xor', t, steepSign), leftSign);
  const bent = b.of('madd', b.of('mul', signed, z), polynomial(b, atanRest, z), signed);
  return b.of('madd', quarters, b.constant(Math.PI / 4), bent);
}

export const { angle, smallAngle } = angleBy({ axis: angleAxis, diagonal: angleDiagonal, signBit: 1n << 31n });

/** Finite arguments below 1e38 in size; atan2(0, 0) = 0. */
export function atan2(b: LaneBuilder, y: number, x: number): number {
  if (b.lane(y).op === 'sqrt') return upperAngle(b, y, x);
  return withSign(b, upperAngle(b, b.of('abs', y), x), y);
}

export function atan(b: LaneBuilder, x: number): number {
  const bounded = b.of('min', b.of('abs', x), b.constant(1e30));
  return withSign(b, upperAngle(b, bounded, b.constant(1)), x);
}

/** @derived asin x = π/2 − 2 asin √((1 − x)/2) above 1/2; arguments beyond ±1 are taken as ±1. */
export function asin(b: LaneBuilder, x: number): number {
  const size = b.of('min', b.of('abs', x), b.constant(1));
  const large = b.of('less', b.constant(0.5), size);
  const half = b.of('mul', b.constant(0.5), b.of('sub', b.constant(1), size));
  const z = b.of('select', large, half, b.of('mul', size, size));
  const r = b.of('select', large, b.of('sqrt', half), size);
  const small = b.of('madd', b.of('mul', r, z), polynomial(b, asinRest, z), r);
  const rest = b.of('nmadd', b.constant(2), small, b.constant(Math.PI / 2));
  return withSign(b, b.of('select', large, rest, small), x);
}
