import { affine } from '../affine.ts';
import { convolutionFields, convolutionRule, windowOf } from '../convolution.ts';
import { defineOp } from '../op.ts';
import { shiftAxes, windowed } from '../window.ts';

/** A convolution whose weights differ from position to position: different positions become independent. */
export const op = defineOp({
  name: 'convLocal',
  alsoCalled: { locallyConnected: {} },
  summary: 'convolution without weight sharing (locally connected): only equal positions stay correlated',
  fields: convolutionFields,
  shape: (f, [input]) => [...windowed(input ?? [], windowOf(f), 'kernel'), f.width ?? Number.POSITIVE_INFINITY],
  kernel: (f, context) =>
    convolutionRule(
      'locally connected',
      f,
      context,
      shiftAxes(context.extents, windowOf(f)),
      'neural-tangents ConvLocal',
      (b, k) => b.onlyDiagonal(k),
    ),
  forward: (f, b, [input]) => {
    const patches = b.patches(input as number, shiftAxes(b.extentsOf(input as number), windowOf(f)));
    return affine(f, b, patches, true);
  },
  examples: [
    { kernel: [3, 3], wStd: 1.3, bStd: 0.2 },
    { kernel: [2, 2], strides: [2, 1], padding: 'valid' },
  ],
  exampleInput: [3, 3, 2],
});
