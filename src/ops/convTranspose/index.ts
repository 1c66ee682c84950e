import { affine } from '../affine.ts';
import { convolutionFields, convolutionRule, windowOf } from '../convolution.ts';
import { defineOp } from '../op.ts';
import { transposed, transposedAxes } from '../window.ts';

/** A convolution of its input spread out by the strides: |F| stays the divisor, though many offsets read nothing. */
export const op = defineOp({
  name: 'convTranspose',
  alsoCalled: { deconv: {} },
  summary: 'transposed convolution: strides make the output larger',
  fields: convolutionFields,
  shape: (f, [input]) => [...transposed(input ?? [], windowOf(f), 'kernel'), f.width ?? Number.POSITIVE_INFINITY],
  kernel: (f, context) =>
    convolutionRule(
      'transposed convolution',
      f,
      context,
      transposedAxes(context.extents, windowOf(f)),
      'neural-tangents ConvTranspose',
    ),
  forward: (f, b, [input]) => {
    const patches = b.patches(input as number, transposedAxes(b.extentsOf(input as number), windowOf(f)));
    return affine(f, b, patches);
  },
  examples: [
    { kernel: [3, 3], strides: [2, 2], wStd: 1.3, bStd: 0.1 },
    { kernel: [2, 3], padding: 'valid' },
  ],
  exampleInput: [2, 3, 2],
});
