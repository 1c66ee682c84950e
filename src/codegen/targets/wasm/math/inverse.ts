/** atan, atan2 and asin. */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import { angleBy } from './angle.ts';
import { angleAxis, angleDiagonal, asinRest, atanRest } from './coefficients.generated.ts';
import { flipped, polynomial, signWhere, withSign } from './polynomial.ts';

const tanEighthTurn = Math.SQRT2 - 1;
/** What π/4 and its multiples lose by rounding, per quarter of π. */
const quarterPiLow = 3.061616997868383e-17;

/**
 * The angle of (x, y) in [0, π], y ≥ 0. @derived with t = min/max of |x| and y, or (min − max)/(min + max) where t > tan π/8:
 * the angle is a multiple of π/4 plus or minus atan t, |t| ≤ tan π/8, one division in all.
 */
function upperAngle(b: LaneBuilder, y: number, x: number): number {
  const size = b.of('abs', x);
  // A NaN in either passes on: it stays the first argument of min and max.
  const [low, high] = [b.of('min', y, size), b.of('max', size, y)];
  const wide = b.of('less', b.of('mul', high, b.constant(tanEighthTurn)), low);
  const numerator = b.of('select', wide, b.of('sub', low, high), low);
  const denominator = b.of('select', wide, b.of('add', low, high), high);
  // 0/0, the angle of no direction, is 0.
  const t = b.of('div', numerator, b.of('max', denominator, b.constant(5e-324)));
  const z = b.of('mul', t, t);
  const steep = b.of('less', size, y);
  const left = b.of('less', x, b.constant(0));
  const [steepSign, leftSign] = [signWhere(b, steep), signWhere(b, left)];
  // Quarters of π: 1 where wide; 2 minus that where steep; 4 minus that where left.
  const one = b.of('and', wide, b.constant(1));
  const two = b.of('add', b.of('and', steep, b.constant(2)), flipped(b, one, steepSign));
  const quarters = b.of('add', b.of('and', left, b.constant(4)), flipped(b, two, leftSign));
  const signed = flipped(b, flipped(b, t, steepSign), leftSign);
  const rest = b.of('mul', quarters, b.constant(quarterPiLow));
  const bent = b.of('madd', b.of('mul', signed, z), polynomial(b, atanRest, z), rest);
  return b.of('madd', quarters, b.constant(Math.PI / 4), b.of('add', signed, bent));
}

export const { angle, smallAngle } = angleBy({ axis: angleAxis, diagonal: angleDiagonal, signBit: 1n << 63n });

/** Finite arguments below 1e308 in size; atan2(0, 0) = 0. */
export function atan2(b: LaneBuilder, y: number, x: number): number {
  if (b.lane(y).op === 'sqrt') return upperAngle(b, y, x);
  return withSign(b, upperAngle(b, b.of('abs', y), x), y);
}

export function atan(b: LaneBuilder, x: number): number {
  const bounded = b.of('min', b.of('abs', x), b.constant(1e300));
  return withSign(b, upperAngle(b, bounded, b.constant(1)), x);
}

/** @derived asin x = π/2 − 2 asin √((1 − x)/2) above 1/2; arguments beyond ±1 are taken as ±1. */
export function asin(b: LaneBuilder, x: number): number {
  const size = b.of('min', b.of('abs', x), b.constant(1));
  const large = b.of('less', b.constant(0.5), size);
  const half = b.of('mul', b.constant(0.5), b.of('sub', b.constant(1), size));
  const z = b.of('select', large, half, b.of('mul', size, size));
  const r = b.of('select', large, b.of('sqrt', half), size);
  const bent = b.of('mul', b.of('mul', r, z), polynomial(b, asinRest, z));
  const small = b.of('add', r, bent);
  const twiceBent = b.of('nmadd', b.constant(2), bent, b.constant(2 * quarterPiLow));
  const rest = b.of('add', b.of('nmadd', b.constant(2), r, b.constant(Math.PI / 2)), twiceBent);
  return withSign(b, b.of('select', large, rest, small), x);
}
