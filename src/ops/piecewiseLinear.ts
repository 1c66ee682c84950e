/** The ReLU family: φ(x) = a·min(x, 0) + b·max(x, 0), and the recognition of formulas that belong to it. */
import { add, call, compileScalar, type Expr, mul, num, pi, pow, sqrt, sub } from '../ir/scalar/index.ts';
import { type Activation, closedDual, determinant, k, type Label, x } from './dual.ts';
import { kinksOf } from './kinks.ts';

const s = sqrt(determinant);
const angle = call('atan2', s, k);
const labels: readonly Label[] = [
  { letter: 's', tex: 's', text: 's', expr: s },
  { letter: 'angle', tex: '\\vartheta', text: 'ϑ', expr: angle },
];
const perTwoPi = mul(0.5, pow(pi, -1));

/**
 * κ = (a−b)² s/2π + k·[(a²+b²)/2 − (a−b)² ϑ/2π], s = √(qq' − k²), ϑ = atan2(s, k) the angle between the inputs.
 *
 * @eq ntk-survey-golikov2022 (85) for a = 0, b = 1
 * @eq neural-tangents ABRelu for the family
 */
export function piecewiseLinear(a: number, b: number, phiTex: string): Activation {
  const jump = (a - b) ** 2;
  const mean = (a * a + b * b) / 2;
  // For a = 0, b = 1: (s + (π − ϑ) k)/2π, as the papers write it.
  const kappa = jump === 0 ? mul(mean, k) : mul(jump, perTwoPi, add(s, mul(sub(mul((2 * mean) / jump, pi), angle), k)));
  const phi = add(mul(a, call('min', x, num(0))), mul(b, call('max', x, num(0))));
  return { phi, phiTex, dual: closedDual(kappa, { labels }) };
}

/** The slopes (a, b) of a formula that is linear on either side of zero and zero at zero; else undefined. */
export function slopesOf(phi: Expr): { readonly a: number; readonly b: number } | undefined {
  const f = compileScalar(phi, ['x']);
  if (f(0) !== 0 || kinksOf(phi).some((point) => point !== 0)) return undefined;
  const [a, b] = [-f(-1), f(1)];
  // Smooth on either side, so agreement on many points of many scales settles it.
  const linear = probes.every((p) => close(f(p), b * p) && close(f(-p), -a * p));
  return linear ? { a, b } : undefined;
}
const probes = Array.from({ length: 60 }, (_, i) => 1e-3 * 1.37 ** i * (1 + 0.01 * Math.sin(i)));
const close = (u: number, v: number) => Math.abs(u - v) <= 1e-13 * Math.max(Math.abs(u), Math.abs(v));
