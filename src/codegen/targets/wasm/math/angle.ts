/** Angles of vectors whose length is known. */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import type { NumberType } from './numberType.ts';
import { horner, signOf, withSign } from './polynomial.ts';

/** What the polynomials take from their cosines. */
const axisCentre = 0.85;
const diagonalCentre = 1.2;

type Angle = (b: LaneBuilder, type: NumberType, y: number, x: number, perHypotenuse: number) => number;

const isRoot = (b: LaneBuilder, lane: number): boolean => b.lane(lane).op === 'sqrt';

/**
 * atan2(y, x) with 1/√(x² + y²) at hand: no division. @derived sine and cosine of an angle δ up to π/4 in size are at hand too,
 * and δ/sin δ is a short polynomial in cos δ: its singularity is at cos δ = −1, far from where δ is.
 */
export const angle: Angle = (b, type, y, x, perHypotenuse) => {
  const by = isRoot(b, y) && !isRoot(b, x) ? fromDiagonal : smallAngle;
  return by(b, type, y, x, perHypotenuse);
};

/** The same with all digits of an angle near 0: from the nearest axis, a small y or x leaves a small angle with all its digits. */
export const smallAngle: Angle = (b, type, y, x, perHypotenuse) => {
  const [hasWidth, hasHeight] = [isRoot(b, x), isRoot(b, y)];
  const [width, height] = [hasWidth ? x : b.of('abs', x), hasHeight ? y : b.of('abs', y)];
  // A root that is NaN stays: it is the first argument of min and max.
  const [first, second] = hasWidth ? [width, height] : [height, width];
  const cosine = b.of('madd', b.of('max', first, second), perHypotenuse, b.constant(-axisCentre));
  const sine = b.of('mul', b.of('min', first, second), perHypotenuse);
  const acute = b.of('mul', sine, horner(b, type.polynomials.angleAxis, cosine));
  const steep = b.of('less', width, height);
  const upright = b.of('xor', acute, signOf(b, type, steep));
  const right = b.constant(Math.PI / 2);
  const signed = (upper: number) => (hasHeight ? upper : b.of('or', upper, signOf(b, type, y)));
  if (hasWidth) return signed(b.of('add', upright, b.of('and', steep, right)));
  const left = b.of('less', x, b.constant(0));
  const base = b.of('select', steep, right, b.of('and', left, b.constant(Math.PI)));
  return signed(b.of('add', b.of('xor', upright, signOf(b, type, left)), base));
};

/** y ≥ 0, to the last digits of π/4: |π/2 − θ| = π/4 + δ where √2 sin δ is |x| − y over the hypotenuse. */
const fromDiagonal: Angle = (b, type, y, x, perHypotenuse) => {
  const size = b.of('abs', x);
  const cosine = b.of('madd', b.of('add', size, y), perHypotenuse, b.constant(-diagonalCentre));
  const sine = b.of('mul', b.of('sub', size, y), perHypotenuse);
  const elevation = b.of('madd', sine, horner(b, type.polynomials.angleDiagonal, cosine), b.constant(Math.PI / 4));
  const signed = withSign(b, type, elevation, x);
  return b.of('sub', b.constant(Math.PI / 2), signed);
};
