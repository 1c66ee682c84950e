/** An activation from its formula in x. */
import { NtkcError } from '../errors.ts';
import { located } from '../ir/arch/index.ts';
import { type Expr, formulaTex, parseScalar, printScalar, symbols } from '../ir/scalar/index.ts';
import type { Activation } from './dual.ts';
import { requireReal } from './formulaDomain.ts';
import { kinksOf } from './kinks.ts';

/** Its dual activation is a Hermite series, coefficients a sample; `derive` puts a closed form where an op has one. @eq daniely2016 */
export function formulaActivation(expr: string, tolerance: number): Activation {
  const phi = readFormula(expr);
  return { phi, phiTex: formulaTex(expr), dual: { kind: 'series', kinks: kinksOf(phi), tolerance, maxDegree: 512 } };
}

/** @throws NtkcError at the field `expr` where the formula does not read, is constant, or is not defined everywhere */
export function readFormula(expr: string): Expr {
  return located('.expr', () => {
    const phi = parseScalar(expr, ['x']);
    if (symbols(phi).length === 0)
      throw new NtkcError({
        what: `formula "${clipped(expr)}" is the constant ${printScalar(phi)}`,
        expected: 'a formula in x',
      });
    requireReal(phi, clipped(expr));
    return phi;
  });
}

const clipped = (text: string) => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
