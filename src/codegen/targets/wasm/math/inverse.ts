/** atan, atan2 and asin. */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import type { NumberType } from './numberType.ts';
import { polynomial, signOf, withSign } from './polynomial.ts';

const tanEighthTurn = Math.SQRT2 - 1;

/**
 * The angle of (x, y) in [0, π], y ≥ 0. @derived with t = min/max of |x| and y, or (min − max)/(min + max) where t > tan π/8:
 * the angle is a multiple of π/4 plus or minus atan t, |t| ≤ tan π/8, one division in all.
 */
function upperAngle(b: LaneBuilder, type: NumberType, y: number, x: number): number {
  const size = b.of('abs', x);
  // A NaN in either passes on: it stays the first argument of min and max.
  const [low, high] = [b.of('min', y, size), b.of('max', size, y)];
  const wide = b.of('less', b.of('mul', high, b.constant(tanEighthTurn)), low);
  const numerator = b.of('select', wide, b.of('sub', low, high), low);
  const denominator = b.of('select', wide, b.of('add', low, high), high);
  // 0/0, the angle of no direction, is 0.
  const t = b.of('div', numerator, b.of('max', denominator, b.constant(type.smallest)));
  const z = b.of('mul', t, t);
  const [steep, left] = [b.of('less', size, y), b.of('less', x, b.constant(0))];
  const [steepSign, leftSign] = [signOf(b, type, steep), signOf(b, type, left)];
  // Quarters of π: 1 where wide; 2 minus that where steep; 4 minus that where left.
  const one = b.of('and', wide, b.constant(1));
  const two = b.of('add', b.of('and', steep, b.constant(2)), b.of('xor', one, steepSign));
  const quarters = b.of('add', b.of('and', left, b.constant(4)), b.of('xor', two, leftSign));
  const signed = b.of('xor', b.of('xor', t, steepSign), leftSign);
  const lost = type.quarterPiLow === undefined ? undefined : b.of('mul', quarters, b.constant(type.quarterPiLow));
  const bent = b.of('madd', b.of('mul', signed, z), polynomial(b, type.polynomials.atanRest, z), lost ?? signed);
  const beyond = lost === undefined ? bent : b.of('add', signed, bent);
  return b.of('madd', quarters, b.constant(Math.PI / 4), beyond);
}

/** Finite arguments below a quarter of the largest number in size; atan2(0, 0) = 0. */
export function atan2(b: LaneBuilder, type: NumberType, y: number, x: number): number {
  if (b.lane(y).op === 'sqrt') return upperAngle(b, type, y, x);
  return withSign(b, type, upperAngle(b, type, b.of('abs', y), x), y);
}

export function atan(b: LaneBuilder, type: NumberType, x: number): number {
  const bounded = b.of('min', b.of('abs', x), b.constant(type.steepest));
  return withSign(b, type, upperAngle(b, type, bounded, b.constant(1)), x);
}

/** @derived asin x = π/2 − 2 asin √((1 − x)/2) above 1/2; arguments beyond ±1 are taken as ±1. */
export function asin(b: LaneBuilder, type: NumberType, x: number): number {
  const size = b.of('min', b.of('abs', x), b.constant(1));
  const large = b.of('less', b.constant(0.5), size);
  const half = b.of('mul', b.constant(0.5), b.of('sub', b.constant(1), size));
  const z = b.of('select', large, half, b.of('mul', size, size));
  const r = b.of('select', large, b.of('sqrt', half), size);
  const [near, far] = asinAndComplement(b, type, r, z);
  return withSign(b, type, b.of('select', large, far, near), x);
}

/** asin r and π/2 − 2 asin r, z = r² ≤ 1/4. */
function asinAndComplement(b: LaneBuilder, type: NumberType, r: number, z: number): readonly [number, number] {
  const { quarterPiLow, polynomials } = type;
  const cubic = b.of('mul', r, z);
  const rest = polynomial(b, polynomials.asinRest, z);
  const quarterTurnLess = (twice: number) => b.of('nmadd', b.constant(2), twice, b.constant(Math.PI / 2));
  if (quarterPiLow === undefined) {
    const near = b.of('madd', cubic, rest, r);
    return [near, quarterTurnLess(near)];
  }
  const bent = b.of('mul', cubic, rest);
  const near = b.of('add', r, bent);
  const twiceBent = b.of('nmadd', b.constant(2), bent, b.constant(2 * quarterPiLow));
  return [near, b.of('add', quarterTurnLess(r), twiceBent)];
}
