/** Where the hierarchy of equations starts: outputs and kernels of a finite network before training. */
import { NtkcError } from '../../errors.ts';
import { hierarchyAt, MAX_ORDER } from '../empirical/hierarchy/index.ts';
import { forward } from '../empirical/index.ts';
import { pointsOf, type Training } from './training.ts';

export interface HierarchyStart {
  /** Number of training points; they come first. */
  readonly n: number;
  /** Training and test points together. */
  readonly points: number;
  /** y[n]. */
  readonly y: Float64Array;
  /** f[points] before training. */
  readonly f: Float64Array;
  /**
   * kernels[r − 2] = K_r, [pairs n^(r−2)]: its first two arguments are a pair a <= b of points (K_r is symmetric in
   * them), pairs in the order (0, 0), (0, 1), .., (1, 1), ..; the others are training points.
   */
  readonly kernels: readonly Float64Array[];
}

export interface StartOptions {
  /** Values of K_2 .. K_order that are worth the wait and the memory. Default: 2,000,000. */
  readonly maxValues?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * K_2 .. K_order and f at the initial parameters, by jets.
 * @throws NtkcError for an order below 2 or above MAX_ORDER, more than `maxValues` values, and what `pointsOf` refuses.
 */
export function hierarchyStart(training: Training, order: number, options: StartOptions = {}): HierarchyStart {
  const { maxValues = 2_000_000, onProgress } = options;
  if (!Number.isInteger(order) || order < 2 || order > MAX_ORDER)
    throw new NtkcError({ what: `a hierarchy up to order ${order}`, expected: `a whole number, 2 to ${MAX_ORDER}` });
  const { program, parameters, y } = training;
  const { x, n, points } = pointsOf(training);
  const pairs = pairsOf(points);
  const count = pairs.length * n ** (order - 2);
  if (count > maxValues) {
    throw new NtkcError({
      what: `K${order} of ${points} points, ${n} of them for training, has ${count} values`,
      expected: `at most ${maxValues}`,
      next: 'Take fewer points, a lower order, or a larger limit.',
    });
  }
  const f = forward(program, parameters, x, points).at(-1)!;
  const blocks = Array.from({ length: order - 1 }, (_, k) => extended(pairs, n, k + 2));
  // One call, so that all orders share their vectors.
  const progress = onProgress === undefined ? {} : { onProgress };
  const values = hierarchyAt(program, parameters, x, points, blocks.flat(), progress);
  let end = 0;
  const kernels = blocks.map(({ length }) => {
    end += length;
    return values.slice(end - length, end);
  });
  return { n, points, y, f, kernels };
}

/** Pairs a <= b, in the order of HierarchyStart. */
export function pairsOf(points: number): readonly (readonly [number, number])[] {
  return Array.from({ length: points }, (_, a) => a).flatMap((a) =>
    Array.from({ length: points - a }, (_, k): readonly [number, number] => [a, a + k]),
  );
}

/** Values at pairs as a symmetric matrix [points points]. */
export function fromPairs(values: Float64Array, points: number): Float64Array {
  const out = new Float64Array(points * points);
  pairsOf(points).forEach(([a, b], k) => {
    out[a * points + b] = values[k]!;
    out[b * points + a] = values[k]!;
  });
  return out;
}

function extended(pairs: readonly (readonly number[])[], n: number, order: number): readonly (readonly number[])[] {
  let tuples = pairs;
  for (let r = 2; r < order; r++)
    tuples = tuples.flatMap((tuple) => Array.from({ length: n }, (_, i) => [...tuple, i]));
  return tuples;
}
