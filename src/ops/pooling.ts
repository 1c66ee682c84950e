/** What the pooling ops share: a sum over a window on both sides of the kernel. */
import { z } from 'zod';
import type { LinearAxis } from '../ir/program/index.ts';
import type { LinearRule } from './op.ts';
import { paddings, perAxis, poolAxes, type Window } from './window.ts';

export const poolingFields = {
  window: perAxis,
  strides: perAxis.optional(),
  padding: z.enum(paddings).default('valid'),
};
type Pooling = { readonly [K in keyof typeof poolingFields]: z.output<(typeof poolingFields)[K]> };

export const poolingWindow = ({ window, strides, padding }: Pooling): Window => ({
  size: window,
  strides: strides ?? window,
  padding,
});

/** What pooling sums; `weightOf` as of `poolAxes`. */
export const poolingAxes = (
  fields: Pooling,
  extents: readonly number[],
  weightOf: (valid: number, size: number) => number,
): readonly LinearAxis[] => poolAxes(extents, poolingWindow(fields), weightOf);

/** K[P P'] ← Σ_{p, p'} w w' K[p p'], p in the window of P, p' in that of P'; T likewise. @eq ntk-survey-golikov2022 §5.2 */
export const poolingRule = (name: string, source: string, axes: readonly LinearAxis[]): LinearRule => ({
  kind: 'linear',
  name,
  source,
  nngp: (b, k) => b.linear(k, axes),
  tangent: (b, t) => b.linear(t, axes),
});
