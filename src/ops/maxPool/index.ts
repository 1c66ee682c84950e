import { z } from 'zod';
import type { ShiftAxis } from '../../ir/program/index.ts';
import { call, neg, num } from '../../ir/scalar/index.ts';
import { x } from '../dual.ts';
import { defineOp, type ForwardBuilder } from '../op.ts';
import { perAxis, shiftAxes, type Window, windowed } from '../window.ts';

const fields = {
  window: perAxis,
  strides: perAxis.optional(),
  padding: z.enum(['valid', 'circular']).default('valid'),
};
type MaxPool = { readonly [K in keyof typeof fields]: z.output<(typeof fields)[K]> };

const windowOf = ({ window, strides, padding }: MaxPool): Window => ({
  size: window,
  strides: strides ?? window,
  padding,
});

/**
 * The largest value of a window. Its kernel at infinite width would be an expectation over as many Gaussians as the
 * windows of both inputs have positions, for which there is no formula: networks with it are sampled.
 */
export const op = defineOp({
  name: 'maxPool',
  summary: 'maximum over a window; it has no kernel in closed form: estimate one with ntkc gram --samples',
  fields,
  shape: (f, [input = []]) => [...windowed(input, windowOf(f), 'window'), input.at(-1) as number],
  forward: (f, b, [input]) => {
    const [first, ...others] = offsets(shiftAxes(b.extentsOf(input as number), windowOf(f)));
    const read = (axes: readonly ShiftAxis[]) => b.patches(input as number, axes);
    return others.reduce((most, axes) => larger(b, most, read(axes)), read(first as readonly ShiftAxis[]));
  },
  examples: [{ window: [2, 2] }, { window: [2, 3], strides: [1, 2], padding: 'circular' }],
  exampleInput: [3, 4, 2],
});

/** The window's offsets one by one, as windows of one position. */
const offsets = (axes: readonly ShiftAxis[]): readonly (readonly ShiftAxis[])[] =>
  axes.reduce<readonly (readonly ShiftAxis[])[]>(
    (all, axis) => all.flatMap((before) => axis.map((table) => [...before, [table]])),
    [[]],
  );

/** max(a, b) = b + max(a − b, 0): its derivatives are those of a rectifier. */
function larger(b: ForwardBuilder, one: number, other: number): number {
  const difference = b.add([one, b.elementwise(other, neg(x))]);
  return b.add([other, b.elementwise(difference, call('max', x, num(0)))]);
}
