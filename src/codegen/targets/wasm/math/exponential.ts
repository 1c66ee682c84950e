/**
 * exp and what is made of it. @derived e^x = 2^n e^r with n = round(x/ln 2) and r = x − n ln 2, ln 2 in two parts, the first
 * with zeros at its end so that n times it is exact.
 */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import type { NumberType } from './numberType.ts';
import { polynomial, roundingShift, withSign } from './polynomial.ts';

/** n = round(x/ln 2), and e^r − 1 for r = x − n ln 2. */
function reduced(b: LaneBuilder, type: NumberType, x: number): { readonly n: number; readonly rest: number } {
  const [high, low] = type.ln2;
  const n = b.of('nearest', b.of('mul', x, b.constant(Math.LOG2E)));
  const r = b.of('nmadd', n, b.constant(low), b.of('nmadd', n, b.constant(high), x));
  const rest = b.of('madd', b.of('mul', r, r), polynomial(b, type.polynomials.expRest, r), r);
  return { n, rest };
}

/** 2^n for whole n of normal numbers. */
const twoTo = (b: LaneBuilder, type: NumberType, n: number): number =>
  b.shift('shiftLeft', b.of('add', n, b.constant(roundingShift(type) + type.bias)), type.fractionBits);

/** e^x / 2^halvings. Two factors 2^n, so that neither leaves the type before the result does. */
function scaledExp(b: LaneBuilder, type: NumberType, x: number, halvings: 0 | 1): number {
  const [least, most] = type.expRange;
  const inside = b.of('min', b.of('max', x, b.constant(least)), b.constant(most));
  const { n, rest } = reduced(b, type, inside);
  const first = b.of('nearest', b.of('mul', n, b.constant(0.5)));
  const left = b.of('sub', n, first);
  const second = halvings === 0 ? left : b.of('sub', left, b.constant(halvings));
  const whole = b.of('add', b.constant(1), rest);
  return b.of('mul', b.of('mul', whole, twoTo(b, type, first)), twoTo(b, type, second));
}

export const exp = (b: LaneBuilder, type: NumberType, x: number): number => scaledExp(b, type, x, 0);

/** e^y − 1 for y ≥ 0 up to twice `sinhEnd`: 2^n (e^r − 1) + (2^n − 1), where nothing cancels badly. */
function expm1(b: LaneBuilder, type: NumberType, y: number): number {
  const { n, rest } = reduced(b, type, y);
  const scale = twoTo(b, type, n);
  return b.of('madd', scale, rest, b.of('sub', scale, b.constant(1)));
}

export function tanh(b: LaneBuilder, type: NumberType, x: number): number {
  const twice = b.of('mul', b.constant(2), b.of('abs', x));
  const e = expm1(b, type, b.of('min', twice, b.constant(2 * type.tanhEnd)));
  return withSign(b, type, b.of('div', e, b.of('add', e, b.constant(2))), x);
}

/** Half of e^|x|, which overflows no sooner than sinh and cosh do. */
const halfExp = (b: LaneBuilder, type: NumberType, x: number): number => scaledExp(b, type, b.of('abs', x), 1);

export function cosh(b: LaneBuilder, type: NumberType, x: number): number {
  const e = halfExp(b, type, x);
  return b.of('add', e, b.of('div', b.constant(0.25), e));
}

export function sinh(b: LaneBuilder, type: NumberType, x: number): number {
  const size = b.of('abs', x);
  const end = b.constant(type.sinhEnd);
  const e = expm1(b, type, b.of('min', size, end));
  const small = b.of('mul', b.constant(0.5), b.of('add', e, b.of('div', e, b.of('add', e, b.constant(1)))));
  // Above the end the other half is below a rounding error.
  return withSign(b, type, b.of('select', b.of('less', end, size), halfExp(b, type, x), small), x);
}

/**
 * @derived x = 2^k m, m in [√½, √2), f = m − 1, s = f/(2 + f): ln m = ln((1+s)/(1−s)) = f − (f²/2 − s(f²/2 + s² P(s²))),
 * arranged so that the largest term is exact.
 */
export function log(b: LaneBuilder, type: NumberType, x: number): number {
  const [high, low] = type.ln2;
  const { k, m } = exponentAndMantissa(b, type, x);
  const f = b.of('sub', m, b.constant(1));
  const s = b.of('div', f, b.of('add', b.constant(2), f));
  const z = b.of('mul', s, s);
  const halfSquare = b.of('mul', b.constant(0.5), b.of('mul', f, f));
  const inner = b.of('madd', z, polynomial(b, type.polynomials.logRest, z), halfSquare);
  const small = b.of('madd', s, inner, b.of('mul', k, b.constant(low)));
  const rest = b.of('sub', b.of('sub', halfSquare, small), f);
  const value = b.of('sub', b.of('mul', k, b.constant(high)), rest);
  return outsideLog(b, x, value);
}

/** x = 2^k m with m in [√½, √2), x > 0. */
function exponentAndMantissa(
  b: LaneBuilder,
  { fractionBits, bias, rootHalfBits, normalising }: NumberType,
  x: number,
): { readonly k: number; readonly m: number } {
  const fractionUnit = 1n << BigInt(fractionBits);
  const tiny = b.of('less', x, b.constant(2 ** (1 - bias)));
  const normal = b.of('select', tiny, b.of('mul', x, b.constant(2 ** normalising)), x);
  const shifted = b.of('integerAdd', normal, b.bits(BigInt(bias) * fractionUnit - rootHalfBits));
  const biased = b.of('or', b.shift('shiftRight', shifted, fractionBits), b.constant(2 ** fractionBits));
  const exponent = b.of('sub', biased, b.constant(2 ** fractionBits + bias));
  const k = b.of('sub', exponent, b.of('and', tiny, b.constant(normalising)));
  const m = b.of('integerAdd', b.of('and', shifted, b.bits(fractionUnit - 1n)), b.bits(rootHalfBits));
  return { k, m };
}

/** −∞ at 0, ∞ at ∞, NaN below 0. */
function outsideLog(b: LaneBuilder, x: number, value: number): number {
  const zero = b.constant(0);
  const infinity = b.constant(Number.POSITIVE_INFINITY);
  const inside = b.of('and', b.of('less', zero, x), b.of('less', x, infinity));
  const edge = b.of('select', b.of('equal', x, zero), b.constant(Number.NEGATIVE_INFINITY), b.of('sqrt', x));
  return b.of('select', inside, value, edge);
}
