import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinearAxis, ShiftAxis } from '../../../../ir/program/index.ts';
import * as arithmetic from './arithmetic.ts';
import { readsText, rowsText } from './tables.ts';

const evaluated = (text: string) =>
  new Function(...Object.keys(arithmetic), `return ${text};`)(...Object.values(arithmetic)) as unknown;

const sizes = {
  inputs: fc.integer({ min: 1, max: 9 }),
  size: fc.integer({ min: 1, max: 5 }),
  stride: fc.integer({ min: 1, max: 3 }),
};

/** Written once more here, as a table of what it reads. */
const windowAt = (
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
  low: number,
  circular: boolean,
): ShiftAxis =>
  Array.from({ length: size }, (_, o) =>
    Array.from({ length: outputs }, (_, P) => {
      const p = P * stride + o - low;
      if (circular) return ((p % inputs) + inputs) % inputs;
      return p >= 0 && p < inputs ? p : -1;
    }),
  );

describe('a window that moves over its input', () => {
  it('of any size, stride and padding, is written by these', () => {
    const window = fc.record({ ...sizes, padding: fc.constantFrom('same', 'valid', 'circular') });
    fc.assert(
      fc.property(window, ({ inputs, size, stride, padding }) => {
        fc.pre(size <= inputs);
        const outputs = padding === 'valid' ? Math.floor((inputs - size) / stride) + 1 : Math.ceil(inputs / stride);
        const missing = padding === 'valid' ? 0 : Math.max((outputs - 1) * stride + size - inputs, 0);
        const axis = windowAt(inputs, outputs, size, stride, Math.floor(missing / 2), padding === 'circular');
        const text = readsText(axis, inputs);
        expect(evaluated(text)).toEqual(axis);
        expect(text).toMatch(/^slide\(/);
      }),
    );
  });

  it('anywhere, even where it reads little or nothing, is the same table', () => {
    const window = fc.record({ ...sizes, low: fc.nat(9), outputs: fc.nat(9), circular: fc.boolean() });
    fc.assert(
      fc.property(window, ({ inputs, outputs, size, stride, low, circular }) => {
        const axis = windowAt(inputs, outputs, size, stride, low, circular);
        expect(evaluated(readsText(axis, inputs))).toEqual(axis);
      }),
    );
  });

  it('of a transposed convolution too', () => {
    // 4 positions spread by 2, a window of 3: output P reads (P + o − 1)/2 where that is whole.
    const axis = [
      [-1, 0, -1, 1, -1, 2, -1, 3],
      [0, -1, 1, -1, 2, -1, 3, -1],
      [-1, 1, -1, 2, -1, 3, -1, -1],
    ];
    expect(readsText(axis, 4)).toBe('spread(4, 8, 3, 2, 1)');
    expect(evaluated(readsText(axis, 4))).toEqual(axis);
    const turned = axis.with(2, [-1, 1, -1, 2, -1, 3, -1, 0]);
    expect(evaluated(readsText(turned, 4))).toEqual(turned);
  });

  it('and any other table number by number', () => {
    const axis = [
      [2, 0, 1],
      [-1, 2, 2],
    ];
    expect(readsText(axis, 3)).toContain('[2, 0, 1]');
    expect(evaluated(readsText(axis, 3))).toEqual(axis);
  });
});

describe('weights on positions', () => {
  it('of pooling, padded or not, normalised at the edges or not, are written by size, stride and padding', () => {
    fc.assert(
      fc.property(fc.record({ ...sizes, normalised: fc.boolean() }), ({ inputs, size, stride, normalised }) => {
        const outputs = Math.ceil(inputs / stride);
        const low = Math.floor(Math.max((outputs - 1) * stride + size - inputs, 0) / 2);
        const axis: LinearAxis = Array.from({ length: outputs }, (_, P) => {
          const from = Math.max(0, P * stride - low);
          const count = Math.min(inputs, P * stride - low + size) - from;
          return { from, weights: new Array<number>(count).fill(1 / (normalised ? count : size)) };
        });
        const text = rowsText(axis, inputs);
        expect(evaluated(text)).toEqual(axis);
        if (size <= inputs) expect(text).toMatch(/^pool\(/);
      }),
    );
  });

  it('of slices as windows of one, all others number by number', () => {
    const slice = [2, 3, 4].map((from) => ({ from, weights: [1] }));
    expect(rowsText(slice, 6)).toBe('pool(6, 3, 1, 1, -2)');
    const odd = [
      { from: 1, weights: [0.25, 0.75] },
      { from: 0, weights: [] },
    ];
    expect(evaluated(rowsText(odd, 3))).toEqual(odd);
  });
});
