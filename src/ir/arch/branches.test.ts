import { describe, expect, it } from 'vitest';
import { derive } from '../../derive/index.ts';
import { network } from '../../ops/vocabulary.ts';
import type { LayerInput } from './index.ts';

const conv = (strides: readonly number[], more: object = {}): LayerInput => ({
  op: 'conv',
  kernel: strides.map(() => 3),
  strides,
  ...more,
});
const joined = (
  extents: readonly number[],
  op: string,
  branches: readonly (readonly LayerInput[])[],
  axis?: number,
) => {
  const join = { op, branches, ...(axis !== undefined && { axis }) } as LayerInput;
  return network({
    input: { shape: [...extents, 2] },
    layers: [{ op: 'dense' }, join, { op: 'flatten' }, { op: 'dense' }],
  });
};
const ends = 'End branches[0] with a conv of kernel';

describe('branches whose shapes differ are named, with what would make them equal', () => {
  it.each<readonly [string, Parameters<typeof joined>, string]>([
    [
      'a sum of which one branch has strides',
      [[6], 'sum', [[], [conv([2])]]],
      `branches[0] ends with 6 positions and branches[1] with 3. At layers[1]. Expected the same positions from every branch. ${ends} [1] and strides [2].`,
    ],
    [
      'a product of images, the first with strides',
      [[6, 5], 'product', [[conv([2, 3])], [conv([1, 1])]]],
      'branches[0] ends with 3 x 2 positions and branches[1] with 6 x 5. At layers[1]. Expected the same positions from every branch. End branches[1] with a conv of kernel [1, 1] and strides [2, 3].',
    ],
    [
      'the third of three branches, side by side',
      [[4], 'concat', [[], [conv([1])], [conv([4])]]],
      `branches[0] ends with 4 positions and branches[2] with 1. At layers[1]. Expected the same positions from every branch. ${ends} [1] and strides [4].`,
    ],
    [
      'one after the other along an axis',
      [[4, 4], 'concat', [[], [conv([2, 2])]], 1],
      `branches[0] ends with 4 x 4 positions and branches[1] with 2 x 2. At layers[1]. Expected the same positions from every branch but along axis 1. ${ends} [1, 1] and strides [1, 2].`,
    ],
    [
      'windows without padding, which no strides make equal',
      [[6], 'sum', [[], [conv([1], { padding: 'valid' })]]],
      'branches[0] ends with 6 positions and branches[1] with 4. At layers[1]. Expected the same positions from every branch. Take the same strides and padding in every branch.',
    ],
    [
      'one branch without positions',
      [[6], 'sum', [[], [{ op: 'flatten' }, { op: 'dense' }]]],
      'branches[0] ends with 6 positions and branches[1] with none. At layers[1]. Expected the same positions from every branch. Move the flatten or global pooling of branches[1] behind the branches, or end the other with one too.',
    ],
    [
      'widths',
      [[6], 'sum', [[conv([1], { width: 4 })], [conv([1])], [conv([1], { width: 5 })]]],
      'branches[0] ends in shape [6, 4] and branches[2] in [6, 5]. At layers[1]. Expected the same shape from every branch. Give the last layer of each branch the same width.',
    ],
    [
      'widths along an axis',
      [[6], 'concat', [[conv([1], { width: 4 })], [conv([2], { width: 5 })]], 1],
      'branches[0] ends in shape [6, 4] and branches[1] in [3, 5]. At layers[1]. Expected the same shape from every branch but along axis 1. Give the last layer of each branch the same width.',
    ],
  ])('%s', (_, declared, message) => {
    expect(() => joined(...declared)).toThrow(message);
  });

  it.each([
    [[6], [2]],
    [[7], [2]],
    [
      [6, 5],
      [2, 3],
    ],
    [
      [9, 4],
      [4, 1],
    ],
  ])('%j with strides %j: what the message says makes them equal', (extents, strides) => {
    const branch = conv(strides);
    const message = catchMessage(() => joined(extents, 'sum', [[], [branch]]));
    const [kernel, advised] = [...message.matchAll(/(?:kernel|strides) (\[[\d, ]+\])/g)].map((m) =>
      JSON.parse(m[1] as string),
    );
    const net = joined(extents, 'sum', [[{ op: 'conv', kernel, strides: advised }], [branch]]);
    expect(derive(net, 'ntk').program.outputs).toHaveLength(1);
  });
});

function catchMessage(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
