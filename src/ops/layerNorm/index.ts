import { z } from 'zod';
import { NtkcError } from '../../errors.ts';
import { type Shape, shapeText } from '../../ir/arch/index.ts';
import type { LinearAxis } from '../../ir/program/index.ts';
import { add, mul, neg, pow } from '../../ir/scalar/index.ts';
import { k, q1, q2, x } from '../dual.ts';
import { type CovarianceRule, defineOp, type ForwardBuilder } from '../op.ts';

const fields = {
  axes: z.array(z.int(), 'a list of axes, such as [-1]').min(1).default([-1]),
  eps: z.number().positive().default(1e-12),
};

/**
 * (h − mean h)/√(mean (h − mean h)² + eps) over the neurons of a sample, and over the spatial axes that are named. At
 * infinite width the mean is 0 and the mean square the variance q, or its average over these positions, so
 * K ← K/√((q + eps)(q' + eps)), and T by the same factor.
 */
export const op = defineOp({
  name: 'layerNorm',
  summary: 'each sample to mean 0 and variance 1 over its neurons (axis -1), or these and spatial axes (1, 2, ...)',
  fields,
  shape: ({ axes }, [input]) => normalised(axes, input as Shape),
  kernel: ({ axes, eps }, { extents }) => ({
    kind: 'covariance',
    name: 'layer normalisation',
    source: 'neural-tangents LayerNorm',
    kappa: mul(k, pow(add(q1, eps), -0.5), pow(add(q2, eps), -0.5)),
    ...averagedOver(axes, extents),
    needs: 'centred',
    because: 'and the mean that it subtracts would show in the kernel',
    neurons: 'scaled',
  }),
  forward: ({ axes, eps }, b, [input]) =>
    normalise(b, input as number, averagedOver(axes, b.extentsOf(input as number)).averaged, eps),
  examples: [{}, { eps: 0.3, axes: [1] }],
});

/** Matrices that average variances over the spatial axes among `axes`, if there are any. */
function averagedOver(axes: readonly number[], extents: readonly number[]): Pick<CovarianceRule, 'averaged'> {
  const rank = extents.length + 2;
  const isAveraged = (a: number) => axes.some((axis) => (axis < 0 ? axis + rank : axis) === a + 1);
  if (!extents.some((_, a) => isAveraged(a))) return {};
  const row = (n: number, p: number, all: boolean) =>
    all ? { from: 0, weights: Array.from({ length: n }, () => 1 / n) } : { from: p, weights: [1] };
  return { averaged: extents.map((n, a) => Array.from({ length: n }, (_, p) => row(n, p, isAveraged(a)))) };
}

/** `averaged` as of the rule: what averages over positions beside neurons. */
function normalise(b: ForwardBuilder, input: number, averaged: readonly LinearAxis[] | undefined, eps: number): number {
  const mean = (value: number) => (averaged === undefined ? b.mean(value) : b.positionMap(b.mean(value), averaged));
  const centred = b.add([input, b.elementwise(mean(input), neg(x))]);
  const variance = mean(b.elementwise(centred, pow(x, 2)));
  return b.multiply([centred, b.elementwise(variance, pow(add(x, eps), -0.5))]);
}

/** Axis 0 is the batch, the last one, also −1, holds the neurons, and must be among them. */
function normalised(axes: readonly number[], shape: Shape): Shape {
  const rank = shape.length + 1;
  const positions = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const wrong = axes.find((_, i) => (positions[i] as number) < 1 || (positions[i] as number) >= rank);
  if (wrong !== undefined || new Set(positions).size < axes.length)
    throw new NtkcError({
      what: `axes ${JSON.stringify(axes)} of values of shape ${shapeText(shape)}`,
      where: '.axes',
      expected: `${rank === 2 ? 'axis 1' : `different axes from 1 to ${rank - 1}`}, or -1 for the last; axis 0 is the batch`,
    });
  if (!positions.includes(rank - 1))
    throw new NtkcError({
      what: `axes ${JSON.stringify(axes)} leave out the neurons, the last axis`,
      where: '.axes',
      expected: '-1 among them',
    });
  return shape;
}
