/** Angles of vectors whose length is known. */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import { horner } from './polynomial.ts';

/** θ/sin θ as polynomials in the cosine (scripts/polynomials.ts), and the sign bit of the numbers. */
interface AngleTables {
  readonly axis: readonly number[];
  readonly diagonal: readonly number[];
  readonly signBit: bigint;
}

/** What the polynomials take from their cosines. */
const axisCentre = 0.85;
const diagonalCentre = 1.2;

type Angle = (b: LaneBuilder, y: number, x: number, perHypotenuse: number) => number;

/**
 * atan2(y, x) with 1/√(x² + y²) at hand: no division. @derived sine and cosine of an angle δ up to π/4 in size are at hand too,
 * and δ/sin δ is a short polynomial in cos δ: its singularity is at cos δ = −1, far from where δ is.
 */
export const angleBy = (tables: AngleTables): Readonly<Record<'angle' | 'smallAngle', Angle>> => ({
  angle: (b, y, x, perHypotenuse) => {
    const isRoot = (lane: number) => b.lane(lane).op === 'sqrt';
    const by = isRoot(y) && !isRoot(x) ? fromDiagonal : fromAxis;
    return by(tables, b, y, x, perHypotenuse);
  },
  /** With all digits of an angle near 0. */
  smallAngle: (...args) => fromAxis(tables, ...args),
});

type AngleFrom = (tables: AngleTables, ...args: Parameters<Angle>) => number;

/** From the nearest axis: a small y or x leaves a small angle with all its digits. */
const fromAxis: AngleFrom = ({ axis, signBit }, b, y, x, perHypotenuse) => {
  const isRoot = (lane: number) => b.lane(lane).op === 'sqrt';
  const signOf = (lane: number) => b.of('and', lane, b.bits(signBit));
  const [width, height] = [isRoot(x) ? x : b.of('abs', x), isRoot(y) ? y : b.of('abs', y)];
  // A root that is NaN stays: it is the first argument of min and max.
  const [first, second] = isRoot(x) ? [width, height] : [height, width];
  const cosine = b.of('madd', b.of('max', first, second), perHypotenuse, b.constant(-axisCentre));
  const sine = b.of('mul', b.of('min', first, second), perHypotenuse);
  const acute = b.of('mul', sine, horner(b, axis, cosine));
  const steep = b.of('less', width, height);
  const upright = b.of('xor', acute, signOf(steep));
  const right = b.constant(Math.PI / 2);
  const signed = (upper: number) => (isRoot(y) ? upper : b.of('or', upper, signOf(y)));
  if (isRoot(x)) return signed(b.of('add', upright, b.of('and', steep, right)));
  const left = b.of('less', x, b.constant(0));
  const base = b.of('select', steep, right, b.of('and', left, b.constant(Math.PI)));
  return signed(b.of('add', b.of('xor', upright, signOf(left)), base));
};

/** y ≥ 0, to the last digits of π/4: |π/2 − θ| = π/4 + δ where √2 sin δ is |x| − y over the hypotenuse. */
const fromDiagonal: AngleFrom = ({ diagonal, signBit }, b, y, x, perHypotenuse) => {
  const size = b.of('abs', x);
  const cosine = b.of('madd', b.of('add', size, y), perHypotenuse, b.constant(-diagonalCentre));
  const sine = b.of('mul', b.of('sub', size, y), perHypotenuse);
  const elevation = b.of('madd', sine, horner(b, diagonal, cosine), b.constant(Math.PI / 4));
  const signed = b.of('or', elevation, b.of('and', x, b.bits(signBit)));
  return b.of('sub', b.constant(Math.PI / 2), signed);
};
