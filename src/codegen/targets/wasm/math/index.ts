/** Scalar functions spelled in lane operations; the error of each is measured by math.test.ts and float32/float32.test.ts. */
import type { LaneBuilder } from '../../../../ir/loop/index.ts';
import { erf } from './erf.ts';
import { cosh, exp, log, sinh, tanh } from './exponential.ts';
import { asin, atan, atan2 } from './inverse.ts';
import type { NumberType } from './numberType.ts';
import { cos, sin, tan } from './trigonometric.ts';

export { angle, smallAngle } from './angle.ts';
export { numberTypes } from './numberType.ts';

type LaneFunction = (b: LaneBuilder, type: NumberType, ...args: number[]) => number;

const above0 = (b: LaneBuilder, x: number) => b.of('less', b.constant(0), x);

/** By the names of src/ir/scalar/functions. */
export const laneFunctions: Readonly<Record<string, LaneFunction>> = {
  abs: (b, _, x) => b.of('abs', x as number),
  asin,
  atan,
  atan2,
  cos,
  cosh,
  erf,
  exp,
  log,
  max: (b, _, x, y) => b.of('max', x as number, y as number),
  min: (b, _, x, y) => b.of('min', x as number, y as number),
  select: (b, _, c, x, y) => b.of('select', above0(b, c as number), x as number, y as number),
  sign: (b, _, x) => {
    const below = b.of('select', b.of('less', x as number, b.constant(0)), b.constant(-1), x as number);
    return b.of('select', above0(b, x as number), b.constant(1), below);
  },
  sin,
  sinh,
  step: (b, _, x) => b.of('and', above0(b, x as number), b.constant(1)),
  tan,
  tanh,
};
