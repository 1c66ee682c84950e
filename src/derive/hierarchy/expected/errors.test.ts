import { describe, expect, it } from 'vitest';
import { NtkcError } from '../../../errors.ts';
import type { LayerInput } from '../../../ir/arch/index.ts';
import { dense, elementwise, erf, network, relu } from '../../../ops/vocabulary.ts';
import { type ExpectedOptions, twoLayerExpectedHierarchy } from './index.ts';

const x = [
  [1, 0.2, -0.3],
  [-0.3, 0.9, 0.4],
  [0.2, -0.5, 1.1],
  [0.6, 0.7, 0.8],
  [0, 0, 0],
  [-2, -0.4, 0.6],
  [0.7, 1.1, 0.1], // x[0] + x[1]
];
const layers = (layer: LayerInput) => [dense(), layer, dense()];
const run = (tuple: readonly number[], options: ExpectedOptions = {}, list: readonly LayerInput[] = layers(relu())) =>
  twoLayerExpectedHierarchy(network({ input: { shape: [3] }, layers: list }), x, [tuple], options)[0]!;

const refusals: readonly [string, () => unknown, RegExp][] = [
  ['ξ = α', () => run([0, 1, 2, 0]), /α and ξ are both x\[0\]: it diverges like 1\/sin/],
  ['ξ = β', () => run([0, 1, 2, 1]), /β and ξ are both x\[1\]: it diverges/],
  ['α = γ', () => run([0, 1, 0, 3]), /α and γ are both x\[0\]: it depends on the direction/],
  ['β = γ', () => run([0, 1, 1, 3]), /β and γ .* depends on the direction/],
  ['γ = ξ', () => run([0, 1, 2, 2]), /γ and ξ .* depends on the direction/],
  ['the worst of several', () => run([0, 0, 0, 0]), /α and ξ .* diverges/],
  ['opposite inputs', () => run([0, 1, 5, 3]), /α and γ \(x\[0\], x\[5\]\) are parallel/],
  ['three inputs in one plane', () => run([0, 1, 6, 3]), /lie in one plane/],
  ['a tuple of one', () => run([0]), /begins at order 2.*tuples\[0\]/],
  ['order 6', () => run([0, 1, 2, 3, 0, 1]), /K6 is not known/],
  ['an index out of range', () => run([0, 1, 2, 7]), /7 is not an index.*tuples\[0\]\[3\].*0 to 6/],
  ['an index that is not whole', () => run([0, 0.5]), /0.5 is not an index/],
  [
    'an activation with kinks of another kind',
    () => run([0, 1], {}, layers(elementwise('min(max(x, -1), 1)'))),
    /no rule for the activation .*kink at x = -1, and kinks are known at zero only.*any formula without kinks/,
  ],
  ['sign', () => run([0, 1], {}, layers({ op: 'sign' })), /jumps at x = 0, where the square of its derivative/],
  [
    'a step',
    () => run([0, 1], {}, layers({ op: 'rectifiedMonomial', degree: 0 })),
    /jumps at x = 0, where the square of its derivative/,
  ],
  [
    'a power of relu',
    () => run([0, 1], {}, layers({ op: 'rectifiedMonomial', degree: 2 })),
    /kink between two curves, and kinks are known between straight lines only/,
  ],
  ['a steep step', () => run([0, 1], {}, layers(elementwise('tanh(1000*x)'))), /not resolved by quadrature/],
  ['moments that diverge', () => run([0, 1], {}, layers(elementwise('exp(x^2)'))), /not resolved|overflow/],
  [
    'a formula without values at negative numbers',
    () => run([0, 1], {}, layers(elementwise('log(x)'))),
    /no real value/,
  ],
  ['three layers', () => run([0, 1], {}, [...layers(erf()), erf(), dense()]), /is for two layers/],
  ['a linear network', () => run([0, 1], {}, [dense(), dense()]), /is for two layers.*dense, dense/],
  [
    'standard parameterization',
    () => run([0, 1], {}, [dense(), erf(), dense({ parameterization: 'standard' })]),
    /grows with the width/,
  ],
  ['smoothing of erf', () => run([0, 1], { smoothing: 0.1 }, layers(erf())), /has none/],
  ['a negative smoothing', () => run([0, 1], { smoothing: -1 }), /smoothing is -1/],
  [
    'a row of another length',
    () => twoLayerExpectedHierarchy(network({ input: { shape: [2] }, layers: layers(erf()) }), x, []),
    /x\[0\]/,
  ],
  [
    'an infinite input',
    () => twoLayerExpectedHierarchy(network({ input: { shape: [1] }, layers: layers(erf()) }), [[Infinity]], []),
    /x\[0\]\[0\]/,
  ],
];

describe('twoLayerExpectedHierarchy refuses', () => {
  for (const [name, f, message] of refusals)
    it(name, () => {
      expect(f).toThrow(NtkcError);
      expect(f).toThrow(message);
    });
});

describe('twoLayerExpectedHierarchy at coincidences', () => {
  it('counts refused tuples as zero where the user excludes them, and only those', () => {
    expect(run([0, 1, 2, 1], { coincident: 'exclude' })).toBe(0);
    expect(run([0, 1, 6, 3], { coincident: 'exclude' })).toBe(0);
    expect(run([0, 1, 2, 3], { coincident: 'exclude' })).toBe(run([0, 1, 2, 3]));
  });

  it('has values everywhere for smooth activations, and for a smoothed ReLU', () => {
    for (const tuple of [
      [0, 0, 0, 0],
      [0, 1, 2, 1],
      [4, 4, 4, 4],
      [0, 1, 6, 3],
    ]) {
      expect(Number.isFinite(run(tuple, {}, layers(erf())))).toBe(true);
      expect(Number.isFinite(run(tuple, { smoothing: 0.1 }))).toBe(true);
    }
  });

  it('takes α = β, also opposite', () => {
    expect(Number.isFinite(run([0, 0, 2, 3]))).toBe(true);
    expect(run([0, 5, 2, 3])).toBe(0);
  });
});
