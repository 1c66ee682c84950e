import { affine } from '../affine.ts';
import { convolutionFields, convolutionRule, windowOf } from '../convolution.ts';
import { defineOp } from '../op.ts';
import { shiftAxes, windowed } from '../window.ts';

/** z[P] = (wStd/√(|F| fanIn)) Σ_o W_o h[P·stride + o] + bStd b: the same weights at every position. */
export const op = defineOp({
  name: 'conv',
  alsoCalled: { conv1d: {}, conv2d: {}, conv3d: {}, convolution: {} },
  summary: 'convolution over the spatial axes, any number of them',
  fields: convolutionFields,
  shape: (f, [input]) => [...windowed(input ?? [], windowOf(f), 'kernel'), f.width ?? Number.POSITIVE_INFINITY],
  kernel: (f, context) =>
    convolutionRule('convolution', f, context, shiftAxes(context.extents, windowOf(f)), 'ntk-survey-golikov2022 (62)'),
  forward: (f, b, [input]) => {
    const patches = b.patches(input as number, shiftAxes(b.extentsOf(input as number), windowOf(f)));
    return affine(f, b, patches);
  },
  examples: [
    { kernel: [3, 3], wStd: 1.4, bStd: 0.1 },
    { kernel: [2, 3], strides: [1, 2], padding: 'valid' },
    { kernel: [3, 3], padding: 'circular' },
  ],
  exampleInput: [3, 4, 2],
});
