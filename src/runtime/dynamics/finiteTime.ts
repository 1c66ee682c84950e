/** The kernel at a finite time in closed form: K_2 moved by K_3 and K_4 along the linearised residuals. */
import { NtkcError } from '../../errors.ts';
import { symmetricEigen } from '../solve/symmetricEigen.ts';
import { decayMean, nestedDecay } from './entire.ts';
import { fromPairs, type HierarchyStart, pairsOf } from './start.ts';
import { requireTimes, type Trajectory } from './training.ts';

/** How labels enter K̂_t: K̂_t(a, b) = K_2(a, b) + Σ_i linear[i] K_3(a, b, i) + Σ_ij quadratic[i j] K_4(a, b, i, j). */
export interface LabelWeights {
  /** −(1/n) ∫_0^t r_u du, [n]. */
  readonly linear: Float64Array;
  /** (1/n²) ∫_0^t r_u ∫_0^u r_vᵀ dv du, [n n]; not symmetric. */
  readonly quadratic: Float64Array;
}

/**
 * The weights at time t, where r_u = e^{−uK/n} r_0 is the residual of gradient flow with the kernel held fixed. They
 * depend on the training points alone, so one pair of arrays serves all pairs (a, b). K may be singular: where
 * Proposition A.2 divides by eigenvalues, entire functions of them stand here. t = Infinity needs K positive definite.
 * @param kernel K_2 on the training points, [n n], symmetric, positive semidefinite.
 * @param residual r_0 = f_0 − y, [n].
 * @throws NtkcError at t = Infinity where an eigenvalue is zero to rounding.
 * @eq lantk Proposition A.2
 * @derived for f_0 != 0: h_u − y = e^{−uK/n}(f_0 − y), by h' = −(1/n) K (h − y) and h_0 = f_0, so y − f_0 stands for y
 * throughout. With K = P D Pᵀ and w = Pᵀ r_0: linear = −(t/n) P m(tD/n) w, m = decayMean, and
 * quadratic = P [w_i w_j (t/n)² g(t d_i/n, t d_j/n)] Pᵀ, g = nestedDecay
 */
export function labelWeights(kernel: Float64Array, residual: Float64Array, t: number): LabelWeights {
  return weightsOf(spectrumOf(kernel, residual), t);
}

/**
 * K̂_t of equation (4), and beside it the outputs h_t of the frozen kernel that it is built on.
 * @throws NtkcError where `start` has no K_4, for times out of order, and at t = Infinity with a singular kernel.
 * @eq lantk (4) and Proposition A.2
 */
export function finiteTimeKernel(start: HierarchyStart, times: readonly number[]): Trajectory {
  const { n, points, f, y, kernels } = start;
  const [k2, k3, k4] = kernels;
  if (k2 === undefined || k3 === undefined || k4 === undefined)
    throw new NtkcError({ what: `kernels up to K${kernels.length + 1}`, expected: 'K2, K3 and K4' });
  requireTimes(times, true);
  const all = fromPairs(k2, points);
  const training = Float64Array.from({ length: n * n }, (_, at) => all[Math.floor(at / n) * points + (at % n)]!);
  const spectrum = spectrumOf(
    training,
    y.map((target, i) => f[i]! - target),
  );
  const weights = times.map((t) => weightsOf(spectrum, t));
  const kernelAt = ({ linear, quadratic }: LabelWeights) =>
    pairsOf(points).map((_, k) => k2[k]! + dot(k3, k * n, linear) + dot(k4, k * n * n, quadratic));
  return {
    times,
    f: weights.map(({ linear }) => f.map((value, a) => value + dot(all, a * points, linear))),
    kernel: weights.map((weight) => fromPairs(Float64Array.from(kernelAt(weight)), points)),
    steps: 0,
    forced: 0,
  };
}

interface Spectrum {
  readonly n: number;
  /** Eigenvalues of K, [n]. */
  readonly d: Float64Array;
  /** P[n n]. */
  readonly vectors: Float64Array;
  /** w = Pᵀ r_0, [n]. */
  readonly w: Float64Array;
}

function spectrumOf(kernel: Float64Array, residual: Float64Array): Spectrum {
  const n = residual.length;
  const { values, vectors } = symmetricEigen(kernel, n);
  // Rounding below zero is zero.
  const d = values.map((value) => Math.max(value, 0));
  return { n, d, vectors, w: d.map((_, k) => residual.reduce((sum, r, i) => sum + vectors[i * n + k]! * r, 0)) };
}

function weightsOf(spectrum: Spectrum, t: number): LabelWeights {
  const { n, d, vectors, w } = spectrum;
  if (t === Number.POSITIVE_INFINITY) requireDefinite(d);
  const forever = t === Number.POSITIVE_INFINITY;
  const single = (i: number) => (forever ? 1 / d[i]! : (t / n) * decayMean((t / n) * d[i]!));
  const double = (i: number, j: number) =>
    forever ? 1 / (d[i]! * (d[i]! + d[j]!)) : (t / n) ** 2 * nestedDecay((t / n) * d[i]!, (t / n) * d[j]!);
  const linear = d.map((_, i) => d.reduce((sum, _, k) => sum - vectors[i * n + k]! * single(k) * w[k]!, 0));
  const inner = Float64Array.from({ length: n * n }, (_, at) => {
    const [k, l] = [Math.floor(at / n), at % n];
    return w[k]! * w[l]! * double(k, l);
  });
  return { linear, quadratic: congruent(vectors, inner, n) };
}

// out[i j] = Σ_kl V[i k] M[k l] V[j l]
function congruent(v: Float64Array, m: Float64Array, n: number): Float64Array {
  const half = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, l] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let k = 0; k < n; k++) sum += v[i * n + k]! * m[k * n + l]!;
    return sum;
  });
  return Float64Array.from(half, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let l = 0; l < n; l++) sum += half[i * n + l]! * v[j * n + l]!;
    return sum;
  });
}

function dot(values: Float64Array, from: number, weights: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < weights.length; i++) sum += values[from + i]! * weights[i]!;
  return sum;
}

function requireDefinite(d: Float64Array): void {
  const [least, most] = [d[0]!, d.at(-1)!];
  if (least > 1e-14 * most) return;
  throw new NtkcError({
    what: 'the kernel of the training points is singular, so nothing converges as t goes to infinity',
    expected: 'a positive definite kernel, or a finite time',
    next: 'Leave out repeated samples, or ask for a finite time.',
  });
}
