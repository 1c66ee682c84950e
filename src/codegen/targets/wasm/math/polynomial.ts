import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import type { NumberType } from './numberType.ts';

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

/** The sign bit of a lane, all others clear. */
export const signOf = (b: LaneBuilder, { bits }: NumberType, lane: number): number =>
  b.of('and', lane, b.bits(1n << BigInt(bits - 1)));

/** |size| with the sign of `like`. */
export const withSign = (b: LaneBuilder, type: NumberType, size: number, like: number): number =>
  b.of('or', size, signOf(b, type, like));

/** Adding it leaves a whole number in the lowest bits. */
export const roundingShift = ({ fractionBits }: NumberType): number => 1.5 * 2 ** fractionBits;
