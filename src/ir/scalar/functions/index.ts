import { erf } from './erf.ts';
import { exp, log } from './exponential.ts';
import type { ScalarFunction } from './facts.ts';
import { abs, max, min, select, sign, step } from './piecewise.ts';
import { asin, atan, atan2, cos, cosh, sin, sinh, tan, tanh } from './trigonometric.ts';

export type { ScalarFunction } from './facts.ts';

/** Every scalar function there is; sums, products and powers are the expression language itself. */
export const scalarFunctions: readonly ScalarFunction[] = [
  abs,
  asin,
  atan,
  atan2,
  cos,
  cosh,
  erf,
  exp,
  log,
  max,
  min,
  select,
  sign,
  sin,
  sinh,
  step,
  tan,
  tanh,
];

const byName = new Map(scalarFunctions.map((f) => [f.name, f]));

export function scalarFunction(name: string): ScalarFunction {
  const found = byName.get(name);
  if (found === undefined) throw new Error(`ntkc bug: no scalar function ${name}`);
  return found;
}

export const hasScalarFunction = (name: string): boolean => byName.has(name);
