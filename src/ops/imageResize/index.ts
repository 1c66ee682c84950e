import { z } from 'zod';
import type { LinearAxis } from '../../ir/program/index.ts';
import { defineOp } from '../op.ts';
import { perAxis, requireAxes } from '../window.ts';

/** K ← A K Aᵀ, A the matrix of the interpolation; T likewise. */
export const op = defineOp({
  name: 'imageResize',
  summary: 'interpolation to another number of positions; "linear" averages where it makes them fewer',
  fields: { shape: perAxis, method: z.enum(['linear', 'nearest']).default('linear') },
  shape: ({ shape }, [input = []]) => {
    requireAxes(input, shape, 'shape');
    return [...shape, input.at(-1) as number];
  },
  kernel: ({ shape, method }, { extents }) => {
    const axes = resized(extents, shape, method);
    return {
      kind: 'linear',
      name: `${method} interpolation on both sides`,
      source: 'neural-tangents ImageResize',
      nngp: (b, k) => b.linear(k, axes),
      tangent: (b, t) => b.linear(t, axes),
    };
  },
  forward: ({ shape, method }, b, [input]) =>
    b.positionMap(input as number, resized(b.extentsOf(input as number), shape, method)),
  examples: [{ shape: [7, 3] }, { shape: [4, 8], method: 'nearest' }],
  exampleInput: [4, 5, 2],
});

const resized = (from: readonly number[], to: readonly number[], method: 'linear' | 'nearest'): readonly LinearAxis[] =>
  to.map((length, a) => (method === 'linear' ? linear : nearest)(from[a] as number, length));

const nearest = (from: number, to: number): LinearAxis =>
  Array.from({ length: to }, (_, P) => ({ from: Math.floor(((P + 0.5) * from) / to), weights: [1] }));

/**
 * Triangles around the centres of the output's pixels, as wide as these where they are larger than the input's.
 * @derived jax.image.resize, method "linear" with antialiasing: pixel P has its centre at (P + ½)·from/to − ½
 */
const linear = (from: number, to: number): LinearAxis =>
  Array.from({ length: to }, (_, P) => {
    const width = Math.max(from / to, 1);
    const centre = ((P + 0.5) * from) / to - 0.5;
    const raw = Array.from({ length: from }, (_, p) => Math.max(0, 1 - Math.abs(centre - p) / width));
    const first = raw.findIndex((w) => w > 0);
    const last = raw.findLastIndex((w) => w > 0);
    const total = raw.reduce((sum, w) => sum + w, 0);
    return { from: first, weights: raw.slice(first, last + 1).map((w) => w / total) };
  });
