/** Random networks and inputs for property tests (fast-check is a peer dependency of `ntkc/testing`). */
import fc from 'fast-check';
import type { LayerInput, Network } from '../ir/arch/index.ts';
import { network } from '../ops/vocabulary.ts';

/** Multiples of 1e-6: numbers near the smallest double underflow when squared, which is a test of its own. */
export const moderate = (min: number, max: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.round(min * 1e6), max: Math.round(max * 1e6) }).map((v) => v / 1e6);
const std = moderate;

export const denseLayers: fc.Arbitrary<LayerInput> = fc.record({
  op: fc.constant('dense'),
  wStd: std(0.3, 2),
  bStd: fc.oneof(fc.constant(0), std(0.05, 1)),
});

/** Activations with a closed form. exp is left out: a few in a row overflow. */
export const activationLayers: fc.Arbitrary<LayerInput> = fc.oneof(
  fc.constantFrom<LayerInput>({ op: 'relu' }, { op: 'erf' }, { op: 'gelu' }, { op: 'cos' }),
  fc.record({ op: fc.constant('leakyRelu'), slope: std(-1, 1) }),
  fc.record({ op: fc.constant('abRelu'), a: std(-1, 1), b: std(-1, 1) }),
  fc.record({ op: fc.constant('sin'), amplitude: std(0.5, 1.5), frequency: std(0.5, 1.5), phase: std(-1, 1) }),
);

/** Formula activations, with and without kinks: slower than closed forms. */
export const formulaLayers: fc.Arbitrary<LayerInput> = fc
  .constantFrom('tanh(x)', 'x/(1+exp(-x))', 'min(max(x, -1), 1)', 'x*tanh(x)')
  .map((expr) => ({ op: 'elementwise', expr }));

export interface NetworkConstraints {
  readonly maxBlocks?: number;
  readonly activations?: fc.Arbitrary<LayerInput>;
  readonly features?: number;
  /**
   * plain (the default): dense layers, activations, residual sums and repeats, which every part of ntkc knows. all: also
   * gates, concatenations, layer normalisation, dropout in test mode. noisy: dropout in training mode, whose Gram
   * matrices have a diagonal of their own.
   */
  readonly ops?: 'plain' | 'all' | 'noisy';
}

/** Networks of the given ops, ending in a dense layer. */
export function networks({
  maxBlocks = 3,
  activations = activationLayers,
  features,
  ops = 'plain',
}: NetworkConstraints = {}): fc.Arbitrary<Network> {
  const plain = fc.tuple(activations, denseLayers).map(([a, d]) => [a, d]);
  const residual = plain.map((layers): LayerInput[] => [{ op: 'sum', branches: [[], layers] }]);
  const repeated = fc
    .tuple(fc.integer({ min: 1, max: 3 }), plain)
    .map(([times, layers]): LayerInput[] => [{ op: 'repeat', times, layers }]);
  const others = ops === 'plain' ? [] : otherBlocks(plain, activations, ops === 'noisy' ? 'train' : 'test');
  const block = fc.oneof(
    { weight: 3, arbitrary: plain },
    ...[residual, repeated, ...others].map((arbitrary) => ({ weight: 1, arbitrary })),
  );
  return fc
    .tuple(
      denseLayers,
      fc.array(block, { minLength: 0, maxLength: maxBlocks }),
      features === undefined ? fc.integer({ min: 1, max: 5 }) : fc.constant(features),
    )
    .map(([first, blocks, d]) => network({ name: 'random', input: { shape: [d] }, layers: [first, ...blocks.flat()] }));
}

/** Blocks that end in a dense layer, as `plain` ones do. */
function otherBlocks(
  plain: fc.Arbitrary<LayerInput[]>,
  activations: fc.Arbitrary<LayerInput>,
  mode: 'train' | 'test',
): readonly fc.Arbitrary<LayerInput[]>[] {
  const normalised = plain.map((layers): LayerInput[] => [{ op: 'layerNorm' }, ...layers]);
  // Products of kernels have products of variances; normalised, they stay in the range of the others.
  const gated = fc
    .tuple(plain, denseLayers)
    .map(([layers, last]): LayerInput[] => [{ op: 'product', branches: [[], layers] }, { op: 'layerNorm' }, last]);
  const concatenated = fc
    .tuple(activations, plain, denseLayers)
    .map(([a, layers, last]): LayerInput[] => [{ op: 'concat', branches: [[a], layers] }, last]);
  const dropped = fc
    .tuple(activations, fc.constantFrom(0.5, 0.9), denseLayers)
    .map(([a, keep, last]): LayerInput[] => [a, { op: 'dropout', keep, mode }, last]);
  return [normalised, gated, concatenated, dropped];
}

const coordinate = moderate(-2, 2);

/**
 * Two inputs in some position that kernels find hard: generic, near-duplicates (angles down to 1e-8), equal, opposite,
 * parallel, one zero, huge or tiny norms.
 */
export function inputPairs(features: number): fc.Arbitrary<readonly [readonly number[], readonly number[]]> {
  const vector = fc.array(coordinate, { minLength: features, maxLength: features });
  const scale = fc.constantFrom(1, 1e-4, 1e4);
  return fc
    .tuple(
      vector,
      vector,
      fc.constantFrom('generic', 'near', 'equal', 'opposite', 'parallel', 'zero'),
      fc.integer({ min: 1, max: 8 }),
      scale,
    )
    .map(([x, y, position, digits, s]) => {
      const other = {
        generic: y,
        near: x.map((v, i) => v + 10 ** -digits * (y[i] as number)),
        equal: x,
        opposite: x.map((v) => -v),
        parallel: x.map((v) => 0.5 * v),
        zero: x.map(() => 0),
      }[position];
      return [x.map((v) => s * v), (other ?? y).map((v) => s * v)] as const;
    });
}
