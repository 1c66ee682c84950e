/** Moments of sinusoids and exponentials, from the characteristic function of a Gaussian vector. */
import { add, call, type Expr, mul, sym } from '../../../ir/scalar/index.ts';
import type { TupleBuilder } from './contraction/builder.ts';
import type { WriteMoment } from './contraction/moments.ts';
import type { MomentFactor, Moments } from './moments.ts';

export interface Wave {
  readonly amplitude: number;
  readonly frequency: number;
  /** Of a cosine. */
  readonly phase: number;
}

/**
 * E Π_k A b^{p_k} cos(b u_k + c + p_k π/2).
 * @derived Π cos θ_k = mean over signs of cos(Σ s_k θ_k), and E cos(b s·u + ψ) = cos ψ · exp(−b² sᵀSs/2).
 */
export const sinusoidMoments =
  ({ amplitude, frequency, phase }: Wave) =>
  (covariance: Float64Array): Moments => {
    const n = Math.sqrt(covariance.length);
    return (factors) => {
      const count = factors.length;
      const orders = factors.reduce((sum, { order }) => sum + order, 0);
      let sum = 0;
      for (let signs = 0; signs < 1 << count; signs++) {
        const s = (k: number) => (((signs >> k) & 1) === 1 ? -1 : 1);
        const form = quadratic(
          factors.map(({ slot }, k) => [slot, s(k)] as const),
          covariance,
          n,
        );
        const shift = factors.reduce((total, { order }, k) => total + s(k) * (phase + (order * Math.PI) / 2), 0);
        sum += Math.cos(shift) * Math.exp((-frequency * frequency * form) / 2);
      }
      return (amplitude ** count * frequency ** orders * sum) / 2 ** count;
    };
  };

/** E Π_k A b^{p_k} e^{b u_k} = A^n b^{Σp} exp(b² 1ᵀS1/2). */
export const exponentialMoments =
  (amplitude: number, scale: number) =>
  (covariance: Float64Array): Moments => {
    const n = Math.sqrt(covariance.length);
    return (factors) => {
      const orders = factors.reduce((sum, { order }) => sum + order, 0);
      const form = quadratic(
        factors.map(({ slot }) => [slot, 1] as const),
        covariance,
        n,
      );
      return amplitude ** factors.length * scale ** orders * Math.exp((scale * scale * form) / 2);
    };
  };

/** Σ_kl s_k S_kl s_l over [slot, s] pairs. */
function quadratic(signed: readonly (readonly [number, number])[], covariance: Float64Array, n: number): number {
  let sum = 0;
  for (const [i, s] of signed) for (const [j, t] of signed) sum += s * t * (covariance[i * n + j] as number);
  return sum;
}

/** The same as an expression: a wave for each pattern of signs, but for one common sign. */
export const sinusoidWriter =
  ({ amplitude, frequency, phase }: Wave): WriteMoment =>
  (builder, factors) => {
    const count = factors.length;
    const orders = factors.reduce((sum, { order }) => sum + order, 0);
    const scale = (2 * amplitude ** count * frequency ** orders) / 2 ** count;
    const patterns = Array.from({ length: 2 ** (count - 1) }, (_, pattern) =>
      factors.map((_factor, k) => (((pattern >> k) & 1) === 1 ? -1 : 1)),
    );
    return add(
      ...patterns.map((signs) => {
        const shift = factors.reduce(
          (sum, { order }, k) => sum + (signs[k] as number) * (phase + (order * Math.PI) / 2),
          0,
        );
        const cosine = Math.cos(shift);
        // A multiple of π/2 leaves a rounding error where a zero is meant.
        return Math.abs(cosine) < 1e-15 ? 0 : mul(scale * cosine, wave(builder, factors, signs, -(frequency ** 2) / 2));
      }),
    );
  };

export const exponentialWriter =
  (amplitude: number, scale: number): WriteMoment =>
  (builder, factors) => {
    const orders = factors.reduce((sum, { order }) => sum + order, 0);
    const signs = factors.map(() => 1);
    return mul(amplitude ** factors.length * scale ** orders, wave(builder, factors, signs, (scale * scale) / 2));
  };

/** exp(scale · sᵀSs). */
function wave(builder: TupleBuilder, factors: readonly MomentFactor[], signs: readonly number[], scale: number): Expr {
  const name = `W${factors.map(({ slot }, k) => `${signs[k] === 1 ? 'p' : 'm'}${slot}`).join('')}`;
  return builder.define(name, () => {
    const squares = factors.map(({ slot }) => sym(`q${slot}`));
    const products = factors.flatMap(({ slot: j }, l) =>
      factors
        .slice(0, l)
        .map(({ slot: i }, k) => mul(2 * (signs[k] as number) * (signs[l] as number), sym(`s${i}${j}`))),
    );
    return call('exp', mul(scale, add(...squares, ...products)));
  });
}
