/** Moments of sinusoids and exponentials, from the characteristic function of a Gaussian vector. */
import type { Moments } from './moments.ts';

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
