/** φ(x) = amplitude · sin(frequency · x + phase), and the recognition of such formulas. */
import { add, call, type Expr, mul, sub } from '../ir/scalar/index.ts';
import { type Activation, closedDual, k, q1, q2, x } from './dual.ts';
import { real } from './fields.ts';

export const sinusoidFields = { amplitude: real.default(1), frequency: real.default(1), phase: real.default(0) };

export interface Sinusoid {
  readonly amplitude: number;
  readonly frequency: number;
  readonly phase: number;
}

/**
 * κ = (a²/2)[e^{−b²((q+q')/2 − k)} − cos(2c) e^{−b²((q+q')/2 + k)}] for a·sin(bx + c).
 *
 * @derived from E cos(u ± v) = exp(−Var(u ± v)/2); as neural-tangents Sin
 */
export function sinusoid({ amplitude: a, frequency: b, phase: c }: Sinusoid, phi: Expr, phiTex: string): Activation {
  const halfSum = mul(0.5, add(q1, q2));
  const decay = (e: Expr) => call('exp', mul(-b * b, e));
  const kappa = mul((a * a) / 2, sub(decay(sub(halfSum, k)), mul(Math.cos(2 * c), decay(add(halfSum, k)))));
  return { phi, phiTex, dual: closedDual(kappa) };
}

export function sinusoidTex(name: 'sin' | 'cos', { amplitude, frequency, phase }: Sinusoid): string {
  const a = amplitude === 1 ? '' : `${amplitude}`;
  const b = frequency === 1 ? 'x' : `${frequency}x`;
  const c = phase === 0 ? '' : phase < 0 ? ` - ${-phase}` : ` + ${phase}`;
  return `${a}\\${name}(${b}${c})`;
}

/** Fields of a formula a·name(bx + c); else undefined. */
export function recogniseSinusoid(phi: Expr, name: 'sin' | 'cos'): Sinusoid | undefined {
  const { factor: amplitude, rest } = asMultiple(phi);
  if (rest.kind !== 'call' || rest.fn !== name) return undefined;
  const inner = rest.args[0] as Expr;
  const phase = inner.kind === 'add' ? inner.constant : 0;
  const { factor: frequency, rest: variable } = asMultiple(add(inner, -phase));
  return variable === x ? { amplitude, frequency, phase } : undefined;
}

/** e = factor · rest, for an expression that is one term. */
export function asMultiple(e: Expr): { readonly factor: number; readonly rest: Expr } {
  const only = e.kind === 'add' && e.constant === 0 && e.terms.length === 1 ? e.terms[0] : undefined;
  return only === undefined ? { factor: 1, rest: e } : { factor: only.coefficient, rest: only.term };
}
