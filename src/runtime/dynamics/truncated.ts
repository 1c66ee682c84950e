/** The neural tangent hierarchy as ordinary differential equations, cut off at some order. */
import { NtkcError } from '../../errors.ts';
import { integrate } from './integrate.ts';
import { fromPairs, type HierarchyStart, pairsOf } from './start.ts';
import { requireTimes, type Trajectory } from './training.ts';

export interface TruncationOptions {
  /** The last kernel that is not zero: K_order stays as it was at t = 0. Default: the highest that `start` has. */
  readonly order?: number;
  /** Of one step of the integrator, relative to the size of outputs and of each kernel. Default: 1e-10. */
  readonly tolerance?: number;
}

/**
 * df/dt(x) = −(1/n) Σ_i K_2(x, x_i) r_i and dK_s/dt(..) = −(1/n) Σ_i K_{s+1}(.., x_i) r_i for s < order, with
 * r = f − y at the training points and K_order constant. Order 2 is the frozen kernel of the lazy regime.
 * @throws NtkcError for an order that `start` does not reach, times out of order, equations too hard to integrate.
 * @eq lantk (1) and (3)
 */
export function truncatedHierarchy(
  start: HierarchyStart,
  times: readonly number[],
  { order = start.kernels.length + 1, tolerance = 1e-10 }: TruncationOptions = {},
): Trajectory {
  requireTimes(times);
  if (!Number.isInteger(order) || order < 2 || order > start.kernels.length + 1)
    throw new NtkcError({
      what: `a truncation at order ${order}`,
      expected: `2 to ${start.kernels.length + 1}, the kernels at hand`,
    });
  const { points } = start;
  const blocks = [start.f, ...start.kernels.slice(0, order - 1)];
  const ends = blocks.map((_, k) => blocks.slice(0, k + 1).reduce((sum, block) => sum + block.length, 0));
  const part = (state: Float64Array, k: number) => state.subarray(ends[k]! - blocks[k]!.length, ends[k]!);
  const y0 = new Float64Array(ends.at(-1)!);
  const floor = new Float64Array(y0.length);
  blocks.forEach((block, k) => {
    part(y0, k).set(block);
    part(floor, k).fill(sizeOf(k === 0 ? [...block, ...start.y] : block));
  });
  const derivative = (_: number, state: Float64Array, out: Float64Array) => {
    const residual = start.y.map((target, i) => (state[i]! - target) / start.n);
    outputsVelocity(part(out, 0), part(state, 1), residual, points);
    for (let k = 1; k < blocks.length - 1; k++) contractLast(part(out, k), part(state, k + 1), residual);
    part(out, blocks.length - 1).fill(0);
  };
  const { states, steps, forced } = integrate(derivative, y0, times, { tolerance, floor });
  return {
    times,
    f: states.map((state) => part(state, 0).slice()),
    kernel: states.map((state) => fromPairs(part(state, 1), points)),
    steps,
    forced,
  };
}

// out[a] = −Σ_i K[a i] residual[i], K at pairs of points
function outputsVelocity(out: Float64Array, kernel: Float64Array, residual: Float64Array, points: number): void {
  out.fill(0);
  const n = residual.length;
  pairsOf(points).forEach(([a, b], k) => {
    if (b < n) out[a] = out[a]! - kernel[k]! * residual[b]!;
    if (a < n && a !== b) out[b] = out[b]! - kernel[k]! * residual[a]!;
  });
}

// out[k] = −Σ_i next[k i] residual[i]
function contractLast(out: Float64Array, next: Float64Array, residual: Float64Array): void {
  const n = residual.length;
  for (let k = 0; k < out.length; k++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += next[k * n + i]! * residual[i]!;
    out[k] = -sum;
  }
}

/** Of the largest entry; 1 where all are zero. */
const sizeOf = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
