/** Windows over positions: strides and padding as tables, for convolutions and pooling. */
import { z } from 'zod';
import { NtkcError } from '../errors.ts';
import { type Shape, shapeText } from '../ir/arch/index.ts';
import type { LinearAxis, ShiftAxis } from '../ir/program/index.ts';
import { count } from './fields.ts';

export const paddings = ['same', 'valid', 'circular'] as const;
export type Padding = (typeof paddings)[number];

export const perAxis = z.array(count, 'a list with a number for each axis, such as [3, 3]').min(1);

export interface Window {
  readonly size: readonly number[];
  readonly strides: readonly number[];
  readonly padding: Padding;
}

interface WindowAxis {
  readonly length: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: Padding;
}

/**
 * Positions after the window along each axis.
 * @throws NtkcError where the value has no such axes, or the window does not fit; `field` is the window's
 */
export function windowed(input: Shape, { size, strides, padding }: Window, field: string): readonly number[] {
  requireAxes(input, size, field);
  if (strides.length !== size.length)
    throw new NtkcError({
      what: `${strides.length} strides for a ${field} of ${size.length} axes`,
      where: '.strides',
      expected: `${size.length} strides, one for each axis`,
    });
  return size.map((_, a) => {
    const axis = axisOf(input, { size, strides, padding }, a);
    if (padding === 'valid' && axis.size > axis.length)
      throw new NtkcError({
        what: `a ${field} of ${axis.size} over ${axis.length} positions does not fit without padding`,
        where: `.${field}[${a}]`,
        expected: `at most ${axis.length}`,
        next: 'Use padding "same", or a smaller one.',
      });
    return outputs(axis);
  });
}

/** @throws NtkcError where the value, of this shape, has other spatial axes than the list */
export function requireAxes(input: Shape, list: readonly unknown[], field: string): void {
  const axes = input.length - 1;
  if (axes === list.length) return;
  throw new NtkcError({
    what: `its ${field} has ${list.length} ${list.length === 1 ? 'axis' : 'axes'} and its input, of shape ${shapeText(input)}, ${axes === 0 ? 'none' : axes} beside the channels`,
    where: `.${field}`,
    expected:
      axes === 0 ? 'an input with spatial axes, [length, channels] or [height, width, channels]' : `${axes} numbers`,
  });
}

const axisOf = (extents: readonly number[], { size, strides, padding }: Window, a: number): WindowAxis => ({
  length: extents[a] as number,
  size: size[a] as number,
  stride: strides[a] as number,
  padding,
});

/** As XLA has it: 'same' gives ⌈n/stride⌉ positions. */
const outputs = ({ length, size, stride, padding }: WindowAxis): number =>
  padding === 'valid' ? Math.floor((length - size) / stride) + 1 : Math.ceil(length / stride);

/** Positions before the first one, of 'same': half of all that are missing, rounded down. */
const before = (axis: WindowAxis): number =>
  axis.padding === 'valid'
    ? 0
    : Math.floor(Math.max((outputs(axis) - 1) * axis.stride + axis.size - axis.length, 0) / 2);

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const modulo = (a: number, n: number): number => ((a % n) + n) % n;

/** Position that output P reads at an offset, or −1 in the padding. */
function read(axis: WindowAxis, P: number, offset: number): number {
  const p = P * axis.stride + offset - before(axis);
  if (axis.padding === 'circular') return modulo(p, axis.length);
  return p >= 0 && p < axis.length ? p : -1;
}

/** What a convolution reads. */
export const shiftAxes = (extents: readonly number[], window: Window): readonly ShiftAxis[] =>
  window.size.map((size, a) => {
    const axis = axisOf(extents, window, a);
    return range(size).map((offset) => range(outputs(axis)).map((P) => read(axis, P, offset)));
  });

/** What pooling sums: the window's positions, each with the weight that `weightOf` gives for their number. */
export const poolAxes = (
  extents: readonly number[],
  window: Window,
  weightOf: (valid: number, size: number) => number,
): readonly LinearAxis[] =>
  window.size.map((size, a) => {
    const axis = axisOf(extents, window, a);
    return range(outputs(axis)).map((P) => {
      const positions = range(size)
        .map((offset) => read(axis, P, offset))
        .filter((p) => p >= 0);
      const from = Math.min(...positions);
      const weights = range(Math.max(...positions) - from + 1).map(
        (i) => positions.filter((p) => p === from + i).length * weightOf(positions.length, size),
      );
      return { from, weights };
    });
  });

/**
 * What a transposed convolution reads: its input spread out by the strides, zeros between.
 * @derived lax.conv_transpose: output P reads position d/stride, d = P + offset − low, where that is a whole one
 */
export const transposedAxes = (extents: readonly number[], window: Window): readonly ShiftAxis[] =>
  window.size.map((size, a) => {
    const axis = axisOf(extents, window, a);
    const { stride, length, padding } = axis;
    const isWide = padding === 'valid' || stride > size - 1;
    const low = isWide ? size - 1 : Math.ceil((size + stride - 2) / 2);
    return range(size).map((offset) =>
      range(transposedLength(axis)).map((P) => {
        const d = padding === 'circular' ? modulo(P + offset - low, length * stride) : P + offset - low;
        return d % stride === 0 && d >= 0 && d / stride < length ? d / stride : -1;
      }),
    );
  });

const transposedLength = ({ length, size, stride, padding }: WindowAxis): number =>
  length * stride + (padding === 'valid' ? Math.max(size - stride, 0) : 0);

/** Positions after a transposed convolution. @throws NtkcError as `windowed` */
export function transposed(input: Shape, window: Window, field: string): readonly number[] {
  windowed(input, { ...window, padding: 'same' }, field);
  return window.size.map((_, a) => transposedLength(axisOf(input, window, a)));
}
