/**
 * sin, cos and tan up to |x| = 10⁶; NaN beyond. @derived x = kπ/2 + r + c with π/2 in three parts, the first two of 33 bits:
 * k times each is exact below 2^20, and c is what rounding left out of r.
 */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import { cosRest, sinRest } from './coefficients.generated.ts';
import { flipped, polynomial } from './polynomial.ts';

const halfPiParts = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21] as const;
const limit = 1e6;
const magic = 1.5 * 2 ** 52;
const signBit = 1n << 63n;

interface Reduced {
  readonly k: number;
  readonly sine: number;
  readonly cosine: number;
  /** Set where k is even. */
  readonly even: number;
}

function reduced(b: LaneBuilder, given: number): Reduced {
  const inside = b.of('lessEqual', b.of('abs', given), b.constant(limit));
  const x = b.of('select', inside, given, b.constant(Number.NaN));
  const k = b.of('nearest', b.of('mul', x, b.constant(2 / Math.PI)));
  const [first, second, third] = halfPiParts.map((p) => b.constant(p)) as [number, number, number];
  const near = b.of('nmadd', k, first, x);
  const step = b.of('mul', k, second);
  const coarse = b.of('sub', near, step);
  const lost = b.of('nmadd', k, third, b.of('sub', b.of('sub', near, coarse), step));
  const r = b.of('add', coarse, lost);
  const c = b.of('add', b.of('sub', coarse, r), lost);
  const half = b.of('mul', k, b.constant(0.5));
  return { k, sine: sineOf(b, r, c), cosine: cosineOf(b, r, c), even: b.of('equal', half, b.of('nearest', half)) };
}

/** sin(r + c), |r| ≤ π/4, c below the rounding of r. */
function sineOf(b: LaneBuilder, r: number, c: number): number {
  const z = b.of('mul', r, r);
  return b.of('add', r, b.of('madd', b.of('mul', r, z), polynomial(b, sinRest, z), c));
}

/** cos(r + c): 1 − r²/2 is rounded, and what that lost is added to the rest. */
function cosineOf(b: LaneBuilder, r: number, c: number): number {
  const z = b.of('mul', r, r);
  const one = b.constant(1);
  const half = b.of('mul', z, b.constant(0.5));
  const head = b.of('sub', one, half);
  const lost = b.of('sub', b.of('sub', one, head), half);
  const tail = b.of('nmadd', r, c, b.of('mul', b.of('mul', z, z), polynomial(b, cosRest, z)));
  return b.of('add', head, b.of('add', lost, tail));
}

/** The sign bit of the quadrant k: set for k = 2, 3 (mod 4). */
function quadrantSign(b: LaneBuilder, k: number, offset: number): number {
  const low = b.of('add', k, b.constant(magic + offset));
  return b.of('and', b.shift('shiftLeft', low, 62), b.bits(signBit));
}

export function sin(b: LaneBuilder, x: number): number {
  const { k, sine, cosine, even } = reduced(b, x);
  return flipped(b, b.of('select', even, sine, cosine), quadrantSign(b, k, 0));
}

export function cos(b: LaneBuilder, x: number): number {
  const { k, sine, cosine, even } = reduced(b, x);
  return flipped(b, b.of('select', even, cosine, sine), quadrantSign(b, k, 1));
}

export const tan = (b: LaneBuilder, x: number): number => b.of('div', sin(b, x), cos(b, x));
