/** Scalar functions spelled in lane operations on float32; the error of each is measured by float32.test.ts. */
import { laneFunctions } from '../index.ts';
import { erf } from './erf.ts';
import { cosh, exp, log, sinh, tanh } from './exponential.ts';
import { asin, atan, atan2 } from './inverse.ts';
import { cos, sin, tan } from './trigonometric.ts';

export { angle as angleFloat32, smallAngle as smallAngleFloat32 } from './inverse.ts';

/** By the names of src/ir/scalar/functions; those not made of polynomials or bits are spelled alike in either type. */
export const laneFunctionsFloat32: typeof laneFunctions = {
  ...laneFunctions,
  asin,
  atan,
  atan2,
  cos,
  cosh,
  erf,
  exp,
  log,
  sin,
  sinh,
  tan,
  tanh,
};
