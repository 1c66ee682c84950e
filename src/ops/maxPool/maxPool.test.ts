import { describe, expect, it } from 'vitest';
import { derive, finiteNetwork } from '../../derive/index.ts';
import { backward, forward, initialise } from '../../runtime/empirical/index.ts';
import { network } from '../vocabulary.ts';

const netOf = (fields: object) =>
  network({ input: { shape: [3, 4, 1] }, layers: [{ op: 'maxPool', window: [2, 2], ...fields }, { op: 'flatten' }] });
const image = Float64Array.of(3, -1, 4, 1, -5, 9, -2, 6, 5, -3, 5, 8);

describe('maxPool', () => {
  it.each([
    [{}, [9, 6]],
    [{ strides: [1, 1] }, [9, 9, 6, 9, 9, 8]],
    // Rows 0 and 1, then 2 and 0 again around the edge.
    [{ padding: 'circular' }, [9, 6, 5, 8]],
    [{ window: [3, 4] }, [9]],
  ])('takes the largest of each window: %j', (fields, wanted) => {
    const program = finiteNetwork(netOf(fields), { width: 4 });
    expect([...(forward(program, [], image, 1).at(-1) ?? [])]).toEqual(wanted);
  });

  it('passes gradients to the largest alone', () => {
    const program = finiteNetwork(netOf({}), { width: 4 });
    const signals = backward(program, initialise(program, [0]), forward(program, [], image, 1), Float64Array.of(2, 3));
    expect([...(signals[0] ?? [])]).toEqual([0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 0]);
  });

  it('has no kernel, and says what to do', () => {
    const layers = [
      { op: 'conv', kernel: [2, 2] },
      { op: 'maxPool', window: [2, 2] },
      { op: 'flatten' },
      { op: 'dense' },
    ];
    expect(() => derive(network({ input: { shape: [4, 4, 1] }, layers }), 'ntk')).toThrow(
      /maxPool has no kernel rule.*layers\[1\].*--samples/s,
    );
  });
});
