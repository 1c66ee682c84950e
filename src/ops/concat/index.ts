import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { requireFitting, type Shape, shapeText } from '../../ir/arch/index.ts';
import type { LinearAxis } from '../../ir/program/index.ts';
import { add, mul } from '../../ir/scalar/index.ts';
import { defineOp, type Kernel, type KernelBuilder } from '../op.ts';

/**
 * Branches side by side. Their neurons in one list: a mean of kernels, weighted with the branches' widths. Their
 * positions along a spatial axis: a sum of kernels, each zero outside the branch's own positions.
 */
export const op = defineOp({
  name: 'concat',
  alsoCalled: { concatenate: {} },
  summary:
    'branches side by side, [] the identity: their neurons (axis -1; a dense must follow before an activation), or their positions (axis 1, 2, ...)',
  fields: { axis: z.int().default(-1) },
  nests: 'branches',
  shape: ({ axis }, inputs) => concatenated(axis, inputs),
  kernel: ({ axis }, { extents }) =>
    axis === -1 || axis === extents.length + 1
      ? {
          kind: 'join',
          name: 'concatenation, mean of the branches by width',
          source: 'neural-tangents FanInConcat',
          neurons: 'concatenated',
          nngp: weightedMean,
          tangent: (b, ts, _, shares) => weightedMean(b, ts, shares),
        }
      : {
          kind: 'join',
          name: 'concatenation of positions, blocks of independent branches',
          source: 'neural-tangents FanInConcat',
          neurons: 'added',
          nngp: (b, ks) => blocks(b, axis - 1, ks, ks),
          tangent: (b, ts, ks) => blocks(b, axis - 1, ts, ks),
        },
  forward: ({ axis }, b, inputs) => {
    const [first] = inputs as [number];
    const isNeurons = axis === -1 || axis === b.extentsOf(first).length + 1;
    return isNeurons ? b.concat(inputs) : b.concat(inputs, axis - 1);
  },
  examples: [
    { branches: [[], [{ op: 'gelu' }], [{ op: 'concat', branches: [[{ op: 'cos' }], [{ op: 'sin' }]] }]], axis: 1 },
  ],
});

/** Σ_i share_i · K_i: the mean of h_c h_c' over all neurons c. */
const weightedMean = (b: KernelBuilder, ks: readonly Kernel[], shares: readonly number[]): Kernel =>
  b.lift(ks, (...values) => add(...values.map((v, i) => mul(shares[i] as number, v))));

/** Each of `parts` moved to the positions of its branch along an axis, then added. `ks` have the branches' extents. */
function blocks(b: KernelBuilder, axis: number, parts: readonly Kernel[], ks: readonly Kernel[]): Kernel {
  const lengths = ks.map((k) => k.extents?.[axis] as number);
  const total = lengths.reduce((sum, n) => sum + n, 0);
  const identity = (n: number): LinearAxis => Array.from({ length: n }, (_, p) => ({ from: p, weights: [1] }));
  let start = 0;
  const placed = ks.map((_, i) => {
    const length = lengths[i] as number;
    const from = start;
    start += length;
    const axisOf: LinearAxis = Array.from({ length: total }, (_, p) =>
      p >= from && p < from + length ? { from: p - from, weights: [1] } : { from: 0, weights: [] },
    );
    const extents = ks[i]?.extents ?? [];
    return extents.map((n, a) => (a === axis ? axisOf : identity(n)));
  });
  const place = (list: readonly Kernel[]) => list.map((k, i) => b.linear(k, placed[i] ?? []));
  return b.sideBySide(place(parts), place(ks));
}

/** Axis 0 is the batch; the last one, also −1, holds the neurons. */
function concatenated(axis: number, inputs: readonly Shape[]): Shape {
  const [first] = inputs as [Shape];
  const at = axis === -1 ? first.length - 1 : axis - 1;
  if (!(at >= 0 && at < first.length))
    throw new NtkcError({
      what: `axis ${axis} of values of shape ${shapeText(first)}`,
      where: '.axis',
      expected:
        first.length === 1
          ? '-1 or 1, the neurons'
          : `-1 or ${first.length}, the neurons, or a spatial axis from 1 to ${first.length - 1}`,
    });
  requireFitting(inputs, at);
  return first.map((_, a) => {
    const sizes = inputs.map((s) => s[a] as number);
    return a === at ? sizes.reduce((sum, n) => sum + n, 0) : Math.min(...sizes);
  });
}
