import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../ir/arch/index.ts';
import { network } from '../ops/vocabulary.ts';
import { derive, finiteNetwork } from './index.ts';

const conv = { op: 'conv', kernel: [3] };
const end: readonly LayerInput[] = [{ op: 'globalAvgPool' }, { op: 'dense' }];
const declared = (...layers: readonly LayerInput[]) =>
  network({ input: { shape: [4, 2] }, layers: [...layers, ...end] });
const sum = (...branches: readonly (readonly LayerInput[])[]): LayerInput => ({ op: 'sum', branches });

describe('branches that have a kernel, but different widths in a finite network, are named', () => {
  it.each<readonly [string, LayerInput, string]>([
    [
      'the input beside a convolution',
      sum([], [conv]),
      "in a finite network branches[0] is 2 neurons wide and branches[1] 8. At layers[0]. Expected the same width in every branch. Insert dense() before this layer, as branches[0] passes on the network's input, or set width 2 in the last layer of branches[1].",
    ],
    [
      'a pool of the input, the last branch',
      sum([conv], [conv], [{ op: 'avgPool', window: [3], strides: [1], padding: 'same' }]),
      "branches[0] is 8 neurons wide and branches[2] 2. At layers[0]. Expected the same width in every branch. Insert dense() before this layer, as branches[2] passes on the network's input, or set width 2 in the last layer of branches[0].",
    ],
    [
      'one after the other along an axis',
      { op: 'concat', axis: 1, branches: [[conv], []] },
      'branches[0] is 8 neurons wide and branches[1] 2. At layers[0].',
    ],
    [
      'a width declared in one branch only',
      sum([conv], [{ ...conv, width: 5 }]),
      'branches[0] is 8 neurons wide and branches[1] 5. At layers[0]. Expected the same width in every branch. Set the same width in the last layer of each branch.',
    ],
  ])('%s', (_, layer, message) => {
    const net = declared(layer);
    expect(derive(net, 'ntk').program.outputs).toHaveLength(1);
    expect(() => finiteNetwork(net, { width: 8 })).toThrow(message);
  });

  it('and both ways out that it names work', () => {
    const widths = (...layers: readonly LayerInput[]) =>
      finiteNetwork(declared(...layers), { width: 8 }).nodes.find((node) => node.kind === 'add')?.width;
    expect(widths({ op: 'dense' }, sum([], [conv]))).toBe(8);
    expect(widths(sum([], [{ ...conv, width: 2 }]))).toBe(2);
  });
});
