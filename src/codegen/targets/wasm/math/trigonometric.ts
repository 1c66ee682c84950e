/**
 * sin, cos and tan up to |x| = `periodicEnd`; NaN beyond. @derived x = kπ/2 + r + c with π/2 in three parts, the first two so
 * short that k times each is exact, and c what rounding left out of r, where it is carried.
 */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import type { NumberType } from './numberType.ts';
import { polynomial, roundingShift, signOf } from './polynomial.ts';

interface Reduced {
  readonly k: number;
  readonly sine: number;
  readonly cosine: number;
  /** Set where k is even. */
  readonly even: number;
}

function reduced(b: LaneBuilder, type: NumberType, given: number): Reduced {
  const inside = b.of('lessEqual', b.of('abs', given), b.constant(type.periodicEnd));
  const x = b.of('select', inside, given, b.constant(Number.NaN));
  const k = b.of('nearest', b.of('mul', x, b.constant(2 / Math.PI)));
  const { r, c } = remainder(b, type, x, k);
  const half = b.of('mul', k, b.constant(0.5));
  const [sine, cosine] = [sineOf(b, type, r, c), cosineOf(b, type, r, c)];
  return { k, sine, cosine, even: b.of('equal', half, b.of('nearest', half)) };
}

/** r + c = x − kπ/2, |r| ≤ π/4, c below the rounding of r. */
function remainder(
  b: LaneBuilder,
  { halfPi, carriesRemainder }: NumberType,
  x: number,
  k: number,
): { readonly r: number; readonly c?: number } {
  const [first, second, third] = halfPi.map((part) => b.constant(part)) as [number, number, number];
  const near = b.of('nmadd', k, first, x);
  if (!carriesRemainder) return { r: b.of('nmadd', k, third, b.of('nmadd', k, second, near)) };
  const step = b.of('mul', k, second);
  const coarse = b.of('sub', near, step);
  const lost = b.of('nmadd', k, third, b.of('sub', b.of('sub', near, coarse), step));
  const r = b.of('add', coarse, lost);
  return { r, c: b.of('add', b.of('sub', coarse, r), lost) };
}

/** sin(r + c). */
function sineOf(b: LaneBuilder, type: NumberType, r: number, c: number | undefined): number {
  const z = b.of('mul', r, r);
  const bent = b.of('madd', b.of('mul', r, z), polynomial(b, type.polynomials.sinRest, z), c ?? r);
  return c === undefined ? bent : b.of('add', r, bent);
}

/** cos(r + c): 1 − r²/2 is rounded, and with c what that lost is added to the rest. */
function cosineOf(b: LaneBuilder, type: NumberType, r: number, c: number | undefined): number {
  const z = b.of('mul', r, r);
  const [one, half] = [b.constant(1), b.constant(0.5)];
  const rest = (): number => polynomial(b, type.polynomials.cosRest, z);
  if (c === undefined) {
    const head = b.of('nmadd', z, half, one);
    return b.of('madd', b.of('mul', z, z), rest(), head);
  }
  const halfSquare = b.of('mul', z, half);
  const head = b.of('sub', one, halfSquare);
  const lost = b.of('sub', b.of('sub', one, head), halfSquare);
  const tail = b.of('nmadd', r, c, b.of('mul', b.of('mul', z, z), rest()));
  return b.of('add', head, b.of('add', lost, tail));
}

/** The sign bit of the quadrant k: set for k = 2, 3 (mod 4). */
function quadrantSign(b: LaneBuilder, type: NumberType, k: number, offset: number): number {
  const low = b.of('add', k, b.constant(roundingShift(type) + offset));
  return signOf(b, type, b.shift('shiftLeft', low, type.bits - 2));
}

export function sin(b: LaneBuilder, type: NumberType, x: number): number {
  const { k, sine, cosine, even } = reduced(b, type, x);
  return b.of('xor', b.of('select', even, sine, cosine), quadrantSign(b, type, k, 0));
}

export function cos(b: LaneBuilder, type: NumberType, x: number): number {
  const { k, sine, cosine, even } = reduced(b, type, x);
  return b.of('xor', b.of('select', even, cosine, sine), quadrantSign(b, type, k, 1));
}

export const tan = (b: LaneBuilder, type: NumberType, x: number): number =>
  b.of('div', sin(b, type, x), cos(b, type, x));
