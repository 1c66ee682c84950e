import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { type Shape, shapeText } from '../../ir/arch/index.ts';
import { add, mul } from '../../ir/scalar/index.ts';
import { defineOp, type Kernel, type KernelBuilder } from '../op.ts';

/** Branches side by side, their neurons in one list: a mean of kernels, weighted with the branches' widths. */
export const op = defineOp({
  name: 'concat',
  summary: 'neurons of the branches side by side; [] is the identity; a dense must follow before an activation',
  fields: { axis: z.int().default(-1) },
  nests: 'branches',
  shape: ({ axis }, inputs) => concatenated(axis, inputs),
  kernel: () => ({
    kind: 'join',
    name: 'concatenation, mean of the branches by width',
    source: 'neural-tangents FanInConcat',
    neurons: 'concatenated',
    nngp: weightedMean,
    tangent: (b, ts, _, shares) => weightedMean(b, ts, shares),
  }),
  forward: (_, b, inputs) => b.concat(inputs),
  examples: [
    { branches: [[], [{ op: 'gelu' }], [{ op: 'concat', branches: [[{ op: 'cos' }], [{ op: 'sin' }]] }]], axis: 1 },
  ],
});

/** Σ_i share_i · K_i: the mean of h_c h_c' over all neurons c. */
const weightedMean = (b: KernelBuilder, ks: readonly Kernel[], shares: readonly number[]): Kernel =>
  b.lift(ks, (...values) => add(...values.map((v, i) => mul(shares[i] as number, v))));

/** Axis 0 is the batch; the last one, also −1, holds the neurons. */
function concatenated(axis: number, inputs: readonly Shape[]): Shape {
  const [first] = inputs as [Shape];
  if (axis !== -1 && axis !== first.length)
    throw new NtkcError({
      what: `axis ${axis} of values of shape ${shapeText(first)}`,
      where: '.axis',
      expected: `-1 or ${first.length}, the neurons`,
    });
  if (inputs.some((s) => s.length !== first.length || s.slice(0, -1).some((n, i) => n !== first[i])))
    throw new NtkcError({
      what: `branches end in shapes that do not fit side by side, ${inputs.map(shapeText).join(', ')}`,
      expected: 'shapes that differ in the last axis only',
    });
  return [...first.slice(0, -1), inputs.reduce((sum, s) => sum + (s.at(-1) as number), 0)];
}
