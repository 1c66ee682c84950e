import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { located, sameShape } from '../../ir/arch/index.ts';
import { type Expr, formulaTex, parseScalar, printScalar, symbols } from '../../ir/scalar/index.ts';
import type { Activation } from '../dual.ts';
import { kinksOf } from '../kinks.ts';
import { defineOp } from '../op.ts';
import { requireReal } from './domain.ts';

/** Any formula in x. Its dual activation is a Hermite series, coefficients a sample. @eq daniely2016 */
export const op = defineOp({
  name: 'elementwise',
  summary: 'any formula in x, in mathjs syntax, e.g. "x*tanh(x)"',
  fields: { expr: z.string().min(1), tolerance: z.number().positive().max(0.1).default(1e-10) },
  shape: ({ expr }, inputs) => {
    readFormula(expr);
    return sameShape(undefined, inputs);
  },
  kernel: (f) => ({
    kind: 'activation',
    name: 'formula, dual activation by Hermite series',
    source: 'daniely2016 (dual activation); @derived',
    activation: activation(f),
  }),
  forward: ({ expr }, b, [input]) => b.elementwise(input as number, readFormula(expr)),
  examples: [{ expr: 'tanh(x)' }, { expr: 'x/(1+exp(-x))' }, { expr: 'min(max(x, -1), 1)' }],
});

function activation({ expr, tolerance }: { readonly expr: string; readonly tolerance: number }): Activation {
  const phi = readFormula(expr);
  return { phi, phiTex: formulaTex(expr), dual: { kind: 'series', kinks: kinksOf(phi), tolerance, maxDegree: 512 } };
}

function readFormula(expr: string): Expr {
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
