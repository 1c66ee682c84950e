import { expect, it } from 'vitest';
import { derive } from '../derive/index.ts';
import type { LayerInput } from '../ir/arch/index.ts';
import { network } from '../ops/vocabulary.ts';
import { defaultInputs, givenOf, withGiven } from './inputs.ts';

const conv: LayerInput = { op: 'conv', kernel: [1] };
/** How many positions each of the default samples has. */
function lengths(...layers: readonly LayerInput[]): readonly number[] {
  const net = network({ input: { shape: [8, 2], masked: true }, layers: [conv, ...layers, { op: 'dense' }] });
  const rows = withGiven(defaultInputs(16, 0), givenOf(derive(net, 'nngp').program), 0);
  return rows.map((row) => row.slice(16).reduce((sum, there) => sum + there, 0));
}

it('every other sequence is cut short, as far as something is left to average over', () => {
  const mean: LayerInput = { op: 'globalAvgPool' };
  expect(lengths(mean)).toEqual([8, 6, 8, 4, 8]);
  expect(lengths({ op: 'index', at: [[4, 8]] }, mean)).toEqual([8, 6, 8, 5, 8]);
  expect(lengths({ op: 'index', at: [[6, 8]] }, mean)).toEqual([8, 7, 8, 7, 8]);
  expect(lengths({ op: 'index', at: [[6, 8]] }, { op: 'flatten' })).toEqual([8, 6, 8, 4, 8]);
});
