import type { LaneBuilder } from '../../../../ir/loop/index.ts';

/** Below this many coefficients a second chain saves less than x² costs. */
const shortest = 6;

/** Σ_p coefficients[p] x^p, longer ones as two shorter chains in x² side by side. */
export function polynomial(b: LaneBuilder, coefficients: readonly number[], x: number): number {
  if (coefficients.length < shortest) return horner(b, coefficients, x);
  const square = b.of('mul', x, x);
  const even = horner(
    b,
    coefficients.filter((_, p) => p % 2 === 0),
    square,
  );
  const odd = horner(
    b,
    coefficients.filter((_, p) => p % 2 === 1),
    square,
  );
  return b.of('madd', odd, x, even);
}

/** The same as one chain: more exact where the polynomial is the value itself. */
export function horner(b: LaneBuilder, coefficients: readonly number[], x: number): number {
  const [last, ...rest] = [...coefficients].reverse();
  return rest.reduce((sum, c) => b.of('madd', sum, x, b.constant(c)), b.constant(last as number));
}

const signBit = 1n << 63n;

/** |size| with the sign of `like`. */
export const withSign = (b: LaneBuilder, size: number, like: number): number =>
  b.of('or', size, b.of('and', like, b.bits(signBit)));

/** −x where the sign bit of `sign` is set, and that bit alone is set or clear in it. */
export const flipped = (b: LaneBuilder, x: number, sign: number): number => b.of('xor', x, sign);

/** The sign bit where the mask is set. */
export const signWhere = (b: LaneBuilder, mask: number): number => b.of('and', mask, b.bits(signBit));
