/** verify on networks with positions: right ones pass, wrong kernels of spatial ops are rejected. */
import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/ir/arch/index.ts';
import { network } from '../../src/ops/vocabulary.ts';
import { type VerifyReport, verify } from '../../src/verify/index.ts';
import { stridesThatDisagree } from '../support/spatialNetworks.ts';
import { asymmetricBy, negative, otherDiagonal, quadraticInWeights, swappedWeights } from './plants.ts';
import {
  attention,
  flattened,
  flattenSums,
  graph,
  graphForgottenInT,
  local,
  localTakenForShared,
  masked,
  maskForgotten,
  offsetsApart,
  paddingForgotten,
  pooled,
  pooledLikeFlatten,
  recurrent,
  residual,
  termBefore,
} from './spatialPlants.ts';

/** The same for the right derivation and for every wrong one. */
const options = {
  kernels: ['nngp', 'ntk'],
  widths: [8, 16, 48],
  samples: [300, 200, 120],
  seed: 3,
  targets: [],
} as const;

const brokenLaws = ({ laws }: VerifyReport) => [...new Set(laws.filter((l) => !l.passed).map((l) => l.law))];
const rejectedKernels = ({ monteCarlo }: VerifyReport) =>
  monteCarlo.filter((t) => t.verdict === 'disagrees').map((t) => t.kernel);

describe('verify on networks with positions', () => {
  const right = [flattened, pooled, residual, local, graph, masked, attention, recurrent];
  it.each(right.map((net) => [net.name, net] as const))('passes %s', async (_, net) => {
    // The zero input, which is among those of laws, has positions that are all alike.
    const report = await verify(net, { ...options, targets: ['wasm'] });
    expect(brokenLaws(report)).toEqual([]);
    expect(rejectedKernels(report)).toEqual([]);
    expect(report.passed).toBe(true);
  });

  it('does not compare the reference with itself, where wasm leaves a network to it', async () => {
    const net = network({ input: { shape: [5, 4, 2] }, layers: stridesThatDisagree });
    const choice = { kernels: ['nngp'], widths: [4, 8], samples: 4 } as const;
    const report = await verify(net, { ...choice, targets: ['wasm', 'tfjs:cpu'] });
    const compared = report.laws.filter((l) => l.law === 'other targets').map((l) => l.subject);
    expect(compared).toEqual(['nngp on tfjs (cpu)']);
    expect(report.notes.join()).toMatch(/On wasm, nngp of this network is computed by the reference/);
    expect((await verify(flattened, choice)).notes).toEqual([]);
  });

  const cases: readonly (readonly [string, Network, typeof paddingForgotten, readonly string[]])[] = [
    ['a convolution that forgets the padding', flattened, paddingForgotten, ['nngp', 'ntk']],
    ['a convolution whose two sides have offsets of their own', pooled, offsetsApart, ['nngp', 'ntk']],
    ['a convolution whose own part of T is K before it', pooled, termBefore, ['ntk']],
    ['a flatten that sums', residual, flattenSums, ['nngp', 'ntk']],
    ['a pooling over equal positions only', pooled, pooledLikeFlatten, ['nngp', 'ntk']],
    ['a pooling that forgets the mask', masked, maskForgotten, ['nngp', 'ntk']],
    ['an aggregation of K alone', graph, graphForgottenInT, ['ntk']],
    ['weights by position taken for shared ones', local, localTakenForShared, ['nngp', 'ntk']],
  ];
  it.each(cases)('rejects %s', async (_, net, vocabulary, kernels) => {
    const report = await verify(net, { ...options, vocabulary });
    expect(rejectedKernels(report)).toEqual(kernels);
    expect(report.passed).toBe(false);
  });
});

/** They look at fewer inputs than those of vectors. */
describe('the laws, of networks with positions', () => {
  it.each([
    ['symmetric', asymmetricBy('q3')],
    ['positive semi-definite', negative],
    ['diagonal path', otherDiagonal],
    ['linear in the weights', quadraticInWeights],
    ['unit weights', quadraticInWeights],
    ['sum over layers', swappedWeights(false)],
  ])('that a kernel is "%s" can fail', async (law, derive) => {
    const kernels = ['nngp', 'ntk', 'wntk'] as const;
    const report = await verify(pooled, { kernels, widths: [4, 8], samples: 4, targets: [], derive });
    expect(brokenLaws(report)).toContain(law);
  });
});
