/**
 * sin, cos and tan up to |x| = 1000, in float32; NaN beyond. @derived x = kπ/2 + r with π/2 in three parts, the first two of
 * 14 bits at most: k times each is exact.
 */
import type { LaneBuilder } from '../../../../../ir/loop/index.ts';
import { polynomial } from '../polynomial.ts';
import { signBit } from './bits.ts';
import { cosRest, sinRest } from './coefficients.generated.ts';

const first = 201 / 128;
const second = Math.round((Math.PI / 2 - first) * 2 ** 25) / 2 ** 25;
const third = Math.PI / 2 - first - second;
const limit = 1000;
const magic = 1.5 * 2 ** 23;

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
  const r = [first, second, third].reduce((left, part) => b.of('nmadd', k, b.constant(part), left), x);
  const z = b.of('mul', r, r);
  const sine = b.of('madd', b.of('mul', r, z), polynomial(b, sinRest, z), r);
  const head = b.of('nmadd', z, b.constant(0.5), b.constant(1));
  const cosine = b.of('madd', b.of('mul', z, z), polynomial(b, cosRest, z), head);
  const half = b.of('mul', k, b.constant(0.5));
  return { k, sine, cosine, even: b.of('equal', half, b.of('nearest', half)) };
}

/** The sign bit of the quadrant k: set for k = 2, 3 (mod 4). */
function quadrantSign(b: LaneBuilder, k: number, offset: number): number {
  const low = b.of('add', k, b.constant(magic + offset));
  return b.of('and', b.shift('shiftLeft', low, 30), b.bits(signBit));
}

export function sin(b: LaneBuilder, x: number): number {
  const { k, sine, cosine, even } = reduced(b, x);
  return b.of('xor', b.of('select', even, sine, cosine), quadrantSign(b, k, 0));
}

export function cos(b: LaneBuilder, x: number): number {
  const { k, sine, cosine, even } = reduced(b, x);
  return b.of('xor', b.of('select', even, cosine, sine), quadrantSign(b, k, 1));
}

export const tan = (b: LaneBuilder, x: number): number => b.of('div', sin(b, x), cos(b, x));
