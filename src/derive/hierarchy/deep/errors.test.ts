import { describe, expect, it } from 'vitest';
import type { LayerInput } from '../../../ir/arch/index.ts';
import { dense, elementwise, erf, network, relu, sum } from '../../../ops/vocabulary.ts';
import { deepExpectedHierarchy } from './index.ts';

const x = [
  [1, 0.2, 0.1],
  [-0.3, 0.9, 0.4],
  [0.2, -0.5, 0.6],
  [2, 0.4, 0.2],
  [0, 0, 0],
];
const at = (layers: readonly LayerInput[], tuple: readonly number[], options = {}) =>
  deepExpectedHierarchy(network({ input: { shape: [3] }, layers: [...layers] }), x, [tuple], options)[0];
const three = (activation: LayerInput, first = {}) => [dense(first), activation, dense(), activation, dense()];
const tuple = [0, 1, 2, 0];

describe('networks without an expectation here', () => {
  it.each([
    ['a branch', [dense(), sum([[], [erf(), dense()]]), dense()], /layers in a chain, .* sum/],
    ['an activation at the end', [dense(), erf(), dense(), erf()], /in a chain/],
    ['standard parameterization', three(erf(), { parameterization: 'standard' }), /layer 1 is in standard/],
    ['widths declared in part', three(erf(), { width: 8 }), /some hidden widths are declared/],
    ['no weights', three(erf(), { wStd: 0 }), /layer 1 has wStd 0/],
    [
      'too many layers',
      [three(erf()), three(erf()), three(erf())].flatMap((l) => [...l, erf()]).slice(0, -1),
      /of 9 layers would take too long/,
    ],
    ['no rule', three(elementwise('abs(sin(x))')), /no rule for the activation/],
  ])('%s', (_, layers, message) => {
    expect(() => at(layers, tuple)).toThrow(message);
  });
  it('orders and indices', () => {
    expect(() => at(three(erf()), [0, 1, 2, 0, 1, 2])).toThrow(/K6 is not known/);
    expect(() => at(three(erf()), [0, 9])).toThrow(/9 is not an index/);
    expect(at(three(erf()), [0, 1, 2])).toBe(0);
  });
});

describe('kinks', () => {
  it.each([
    [[0, 1, 0, 2], /direction/],
    [[0, 1, 2, 3], /diverges/],
    [[0, 3, 1, 2], /α and β are parallel at layer 1/],
    [[0, 1, 2, 4], /x\[4\] is zero at the kink of layer 1/],
  ])('%j', (places, message) => {
    expect(() => at(three(relu()), places)).toThrow(message);
    expect(at(three(relu()), places, { coincident: 'exclude' })).toBe(0);
  });
  it('smoothing gives a value, but only to a kink', () => {
    expect(at(three(relu()), [0, 1, 0, 2], { smoothing: 0.3 })).toBeTypeOf('number');
    expect(() => at(three(erf()), tuple, { smoothing: 0.3 })).toThrow(/has none/);
    expect(() => at(three(relu()), tuple, { smoothing: -1 })).toThrow(/smoothing is -1/);
  });
});
