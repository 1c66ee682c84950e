/** verify on attention: right kernels pass, wrong ones are rejected; and finite networks of what has no kernel. */
import { describe, expect, it } from 'vitest';
import { finiteNetwork } from '../../src/derive/finite.ts';
import { add, mul } from '../../src/ir/scalar/index.ts';
import type { LinearRule, Op } from '../../src/ops/op.ts';
import { network, vocabulary } from '../../src/ops/vocabulary.ts';
import { type Moments, monteCarlo } from '../../src/runtime/empirical/index.ts';
import { type VerifyReport, verify } from '../../src/verify/index.ts';

const dense = { op: 'dense', wStd: 0.9 };
const sequence = (name: string, fields: object) =>
  network({
    name,
    input: { shape: [3, 2] },
    layers: [dense, { op: 'selfAttention', ...fields }, { op: 'flatten' }, dense],
  });
const softmax = sequence('softmax', { bStd: 0.2, queryStd: 1.5 });
const rooted = sequence('identity over the root', { mechanism: 'identity', scaling: 'sqrt', outStd: 0.8 });
const embedded = sequence('embeddings', {
  mechanism: 'softmax',
  posEmb: 'concat',
  posEmbStd: 2,
  posEmbDecay: 0.7,
  posEmbValues: true,
});

const options = {
  kernels: ['nngp', 'ntk'],
  widths: [24, 96],
  samples: [300, 250],
  seed: 3,
  targets: [],
} as const;

type Rule = (rule: LinearRule, fields: Parameters<NonNullable<Op['kernel']>>[0]) => LinearRule;
const attention = vocabulary.get('selfAttention') as Op;
const planted = (change: Rule) =>
  new Map(vocabulary).set('selfAttention', {
    ...attention,
    kernel: (fields, context) => change(attention.kernel?.(fields, context) as LinearRule, fields),
  });

const brokenLaws = ({ laws }: VerifyReport) => [...new Set(laws.filter((l) => !l.passed).map((l) => l.law))];
const rejected = ({ monteCarlo }: VerifyReport) =>
  monteCarlo.filter((t) => t.verdict === 'disagrees').map((t) => t.kernel);

describe('verify on attention', () => {
  it.each([softmax, rooted, embedded].map((net) => [net.name, net] as const))('passes %s', async (_, net) => {
    const report = await verify(net, options);
    expect(brokenLaws(report)).toEqual([]);
    expect(rejected(report)).toEqual([]);
  });

  /** Values and outputs have a term of T each: one is lost. */
  const oneTerm = planted((rule) => ({
    ...rule,
    parameter: { weight: 1, term: (_, __, after) => after },
  }));
  /** T passes positions by. */
  const notMixed = planted((rule) => ({ ...rule, tangent: (b, t) => b.lift([t], (v) => v) }));
  const untrained = planted((rule, fields) => ({
    ...rule,
    parameter: {
      weight: 1,
      term: (b, _, after) => b.lift([after], (v) => add(mul(2, v), -((fields.bStd as number) ** 2))),
    },
  }));
  /** What flows through the scores is left out. */
  const noScores = planted((rule) => ({
    ...rule,
    tangent: (b, t, k) => b.lift([b.reduce(b.lift([k, k], mul), 'all', 1), t], (sum, v) => mul(0.8 ** 2, sum, v)),
  }));
  /** Positions do not read from each other. */
  const uniform = planted((rule, fields) => ({
    ...rule,
    nngp: (b, k) => b.lift([k], (v) => add(v, (fields.bStd as number) ** 2)),
  }));

  it.each([
    ['one term of its own for two layers', softmax, oneTerm, ['ntk']],
    ['a tangent kernel that attention does not mix', softmax, notMixed, ['ntk']],
    ['an identity in its place', softmax, uniform, ['nngp', 'ntk']],
    ['a tangent kernel that does not flow through the scores', rooted, noScores, ['ntk']],
    ['embeddings that are not trained', embedded, untrained, ['ntk']],
  ] as const)('rejects %s', async (_, net, ops, kernels) => {
    expect(rejected(await verify(net, { ...options, vocabulary: ops }))).toEqual(kernels);
  });
});

it('softmax over the root has no kernel, but finite networks, of several heads', async () => {
  // One position reads from itself alone, whatever the scores: two dense layers are left.
  const layers = [{ op: 'selfAttention', scaling: 'sqrt', valueStd: 1.5, bStd: 0.4 }, { op: 'flatten' }, dense];
  const net = network({ input: { shape: [1, 3] }, layers });
  const x = [0.3, -1.2, 0.8];
  const samples = 2000;
  const drawn = await monteCarlo({
    programForWidth: (width) => finiteNetwork(net, { width }),
    width: 10,
    samples,
    seed: 1,
    x: Float64Array.from(x),
    n: 1,
    quantities: ['nngp'],
  });
  const { mean, standardError } = drawn.nngp as Moments;
  const exact = 0.9 ** 2 * (1.5 ** 2 * (x.reduce((sum, v) => sum + v * v, 0) / 3) + 0.4 ** 2);
  // Chance of a false alarm: 6e-7.
  expect(Math.abs((mean[0] as number) - exact)).toBeLessThan(5 * (standardError[0] as number));
  expect((standardError[0] as number) / exact).toBeLessThan(0.05);
});
