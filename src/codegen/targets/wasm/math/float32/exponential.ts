/** exp and what is made of it, in float32. @derived as ../exponential.ts has them. */
import type { LaneBuilder } from '../../../../../ir/loop/index.ts';
import { polynomial } from '../polynomial.ts';
import { withSign } from './bits.ts';
import { expRest, logRest } from './coefficients.generated.ts';

/** ln 2 in two parts, the first of 9 bits: 150 times it is exact. */
const ln2High = 0.693359375;
const ln2Low = -2.1219444005469057e-4;
/** Adding it leaves a whole number in the lowest bits. */
const magic = 1.5 * 2 ** 23;

/** n = round(x/ln 2), and e^r − 1 for r = x − n ln 2. */
function reduced(b: LaneBuilder, x: number): { readonly n: number; readonly rest: number } {
  const n = b.of('nearest', b.of('mul', x, b.constant(Math.LOG2E)));
  const r = b.of('nmadd', n, b.constant(ln2Low), b.of('nmadd', n, b.constant(ln2High), x));
  return { n, rest: b.of('madd', b.of('mul', r, r), polynomial(b, expRest, r), r) };
}

/** 2^n for whole n from −126 to 127. */
const twoTo = (b: LaneBuilder, n: number): number => b.shift('shiftLeft', b.of('add', n, b.constant(magic + 127)), 23);

/** e^x / 2^halvings. Two factors 2^n, so that neither leaves float32 before the result does. */
function scaledExp(b: LaneBuilder, x: number, halvings: 0 | 1): number {
  const inside = b.of('min', b.of('max', x, b.constant(-104)), b.constant(90));
  const { n, rest } = reduced(b, inside);
  const first = b.of('nearest', b.of('mul', n, b.constant(0.5)));
  const left = b.of('sub', n, first);
  const second = halvings === 0 ? left : b.of('sub', left, b.constant(halvings));
  const whole = b.of('add', b.constant(1), rest);
  return b.of('mul', b.of('mul', whole, twoTo(b, first)), twoTo(b, second));
}

export const exp = (b: LaneBuilder, x: number): number => scaledExp(b, x, 0);

/** e^y − 1 for 0 ≤ y ≤ 80. */
function expm1(b: LaneBuilder, y: number): number {
  const { n, rest } = reduced(b, y);
  const scale = twoTo(b, n);
  return b.of('madd', scale, rest, b.of('sub', scale, b.constant(1)));
}

export function tanh(b: LaneBuilder, x: number): number {
  const twice = b.of('mul', b.constant(2), b.of('abs', x));
  const e = expm1(b, b.of('min', twice, b.constant(20)));
  return withSign(b, b.of('div', e, b.of('add', e, b.constant(2))), x);
}

/** Half of e^|x|, which overflows no sooner than sinh and cosh do. */
const halfExp = (b: LaneBuilder, x: number): number => scaledExp(b, b.of('abs', x), 1);

export function cosh(b: LaneBuilder, x: number): number {
  const e = halfExp(b, x);
  return b.of('add', e, b.of('div', b.constant(0.25), e));
}

export function sinh(b: LaneBuilder, x: number): number {
  const size = b.of('abs', x);
  const e = expm1(b, b.of('min', size, b.constant(10)));
  const small = b.of('mul', b.constant(0.5), b.of('add', e, b.of('div', e, b.of('add', e, b.constant(1)))));
  // Above 10 the other half is below a rounding error.
  return withSign(b, b.of('select', b.of('less', b.constant(10), size), halfExp(b, x), small), x);
}

/** √½ as bits: mantissas are taken from [√½, √2). */
const rootHalfBits = 0x3f3504f3n;

/** @derived x = 2^k m, f = m − 1, s = f/(2 + f): ln m = ln((1+s)/(1−s)) = f − (f²/2 − s(f²/2 + s² P(s²))). */
export function log(b: LaneBuilder, x: number): number {
  const tiny = b.of('less', x, b.constant(2 ** -126));
  const normal = b.of('select', tiny, b.of('mul', x, b.constant(2 ** 24)), x);
  const shifted = b.of('integerAdd', normal, b.bits(0x3f800000n - rootHalfBits));
  const biased = b.of('or', b.shift('shiftRight', shifted, 23), b.constant(2 ** 23));
  const exponent = b.of('sub', biased, b.constant(2 ** 23 + 127));
  const k = b.of('sub', exponent, b.of('and', tiny, b.constant(24)));
  const m = b.of('integerAdd', b.of('and', shifted, b.bits(0x7fffffn)), b.bits(rootHalfBits));
  const f = b.of('sub', m, b.constant(1));
  const s = b.of('div', f, b.of('add', b.constant(2), f));
  const z = b.of('mul', s, s);
  const halfSquare = b.of('mul', b.constant(0.5), b.of('mul', f, f));
  const inner = b.of('madd', z, polynomial(b, logRest, z), halfSquare);
  const low = b.of('madd', s, inner, b.of('mul', k, b.constant(ln2Low)));
  const rest = b.of('sub', b.of('sub', halfSquare, low), f);
  const value = b.of('sub', b.of('mul', k, b.constant(ln2High)), rest);
  return outsideLog(b, x, value);
}

/** −∞ at 0, ∞ at ∞, NaN below 0. */
function outsideLog(b: LaneBuilder, x: number, value: number): number {
  const zero = b.constant(0);
  const inside = b.of('and', b.of('less', zero, x), b.of('less', x, b.constant(Number.POSITIVE_INFINITY)));
  const edge = b.of('select', b.of('equal', x, zero), b.constant(Number.NEGATIVE_INFINITY), b.of('sqrt', x));
  return b.of('select', inside, value, edge);
}
