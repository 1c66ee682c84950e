/** The seam to scalar expressions: phi and its derivative as plain functions of a number, compiled once a formula. */
import type { Expr } from '../../ir/scalar/expr.ts';
import { compileScalar, differentiate } from '../../ir/scalar/index.ts';

export interface Activation {
  readonly value: (x: number) => number;
  readonly derivative: (x: number) => number;
}

const compiled = new WeakMap<Expr, Activation>();

/** `phi` is an expression in the one variable x. At a kink the derivative is whatever `differentiate` says there. */
export function activationOf(phi: Expr): Activation {
  const known = compiled.get(phi);
  if (known !== undefined) return known;
  const activation = { value: compileScalar(phi, ['x']), derivative: compileScalar(differentiate(phi, 'x'), ['x']) };
  compiled.set(phi, activation);
  return activation;
}
