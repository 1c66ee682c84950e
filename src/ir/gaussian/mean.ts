import { type Integrands, integrands } from './mesh.ts';
import { gaussianRule } from './rule.ts';
import { divergence, type Scalar } from './scalar.ts';

/** Panels of the normal density itself: on a width of 1.5 a 20-point rule integrates exp(−z²/2) to 1e-17. */
export const densityPanel = 1.5;

/** E φ(√q z), z ~ N(0,1). kinks: the x where φ or φ' jumps. */
export function gaussianMean(phi: Scalar, kinks: readonly number[], q: number): number {
  const source = integrands([phi], kinks);
  if (q === 0) return source.functions[0]!(0);
  const { z, weights, root } = gaussianRule(source, q, densityPanel);
  const scale = Math.sqrt(q);
  let sum = 0;
  for (let i = 0; i < z.length; i++) sum += weights[i]! * root[i]! * (source.functions[0]!(scale * z[i]!) * root[i]!);
  return sum;
}

/** E φ(√q z)², z ~ N(0,1). */
export function gaussianSecondMoment(phi: Scalar, kinks: readonly number[], q: number): number {
  return secondMoment(integrands([phi], kinks), 0, q);
}

export function secondMoment(source: Integrands, which: number, q: number): number {
  const phi = source.functions[which]!;
  if (q === 0) return phi(0) ** 2;
  const { z, weights, root } = gaussianRule(source, q, densityPanel);
  const scale = Math.sqrt(q);
  let sum = 0;
  for (let i = 0; i < z.length; i++) sum += weights[i]! * (phi(scale * z[i]!) * root[i]!) ** 2;
  if (!Number.isFinite(sum)) throw divergence(q);
  return sum;
}
