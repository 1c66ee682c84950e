/** Wrong kernels of spatial ops for the verifier to reject; their finite networks are right. */
import type { Network } from '../../src/ir/arch/index.ts';
import { positionsOf } from '../../src/ir/program/index.ts';
import { add, mul } from '../../src/ir/scalar/index.ts';
import type { KernelRule, LinearRule, Op, RuleContext } from '../../src/ops/op.ts';
import { network, vocabulary } from '../../src/ops/vocabulary.ts';

const conv = { op: 'conv', kernel: [3], wStd: 1.4, bStd: 0.3 };
const relu = { op: 'relu' };
const end = { op: 'dense', wStd: 1.1, bStd: 0.2 };

const sequence = (
  name: string,
  layers: readonly { readonly op: string; readonly [field: string]: unknown }[],
): Network => network({ name, input: { shape: [5, 2] }, layers });

export const flattened = sequence('flattened', [conv, relu, conv, relu, { op: 'flatten' }, end]);
export const pooled = sequence('pooled', [conv, relu, conv, relu, { op: 'globalAvgPool' }, end]);
export const residual = sequence('residual', [
  conv,
  { op: 'sum', branches: [[], [relu, conv]] },
  relu,
  { op: 'avgPool', window: [2], strides: [1] },
  { op: 'flatten' },
  end,
]);
export const local = sequence('local', [{ ...conv, op: 'convLocal' }, relu, { op: 'globalAvgPool' }, end]);

export const graph = sequence('graph', [end, { op: 'aggregate' }, end, relu, { op: 'globalSumPool' }, end]);
export const recurrent = sequence('recurrent', [
  { op: 'rnn', expr: 'erf(x)', wStd: 1.3, inputStd: 0.9, bStd: 0.4 },
  { op: 'index', at: [-1] },
]);
export const attention = sequence('attention', [
  conv,
  { op: 'selfAttention', bStd: 0.2 },
  { op: 'globalAvgPool' },
  end,
]);
export const masked = network({
  name: 'masked',
  input: { shape: [5, 2], masked: true },
  layers: [conv, relu, conv, { op: 'cos' }, { op: 'globalAvgPool' }, end],
});

type Vocabulary = ReadonlyMap<string, Op>;
type KernelOf = NonNullable<Op['kernel']>;

function withKernel(name: string, change: (kernel: KernelOf) => KernelOf): Vocabulary {
  const op = vocabulary.get(name)!;
  return new Map(vocabulary).set(name, { ...op, kernel: change(op.kernel!) });
}

const linear = (rule: KernelRule): LinearRule => {
  if (rule.kind !== 'linear') throw new Error('a linear op is needed');
  return rule;
};

/** Positions beyond the edge are read at the other end. */
export const paddingForgotten = withKernel('conv', (kernel) => (f, c) => kernel({ ...f, padding: 'circular' }, c));

/** The rule of another op in the place of this one's. */
const ruleOf = (name: string): KernelOf => vocabulary.get(name)!.kernel!;

/** Weights that differ by position, taken for shared ones. */
export const localTakenForShared = withKernel('convLocal', () => ruleOf('conv'));
/** Only equal positions are averaged. */
export const pooledLikeFlatten = withKernel('globalAvgPool', () => (f, c) => {
  const { neurons: _, ...rule } = linear(ruleOf('flatten')(f, c));
  return rule;
});
/** The mean over all positions, though a mask hides some. */
export const maskForgotten = withKernel('globalAvgPool', () => (_, { extents }) => {
  const mean: LinearRule['nngp'] = (b, k) => b.reduce(k, 'all', 1 / positionsOf(extents) ** 2);
  return { kind: 'linear', name: 'mean over all', source: 'none', nngp: mean, tangent: mean };
});
/** T is not mixed over neighbours. */
export const graphForgottenInT = withKernel('aggregate', (kernel) => (f, c) => {
  const kept: LinearRule = { ...linear(kernel(f, c)), tangent: (_, t) => t };
  return kept;
});
/** A sum over positions where the mean is meant. */
export const flattenSums = withKernel('flatten', (kernel) => (f, c: RuleContext) => {
  const rule = linear(kernel(f, c));
  const times = c.extents.reduce((product, n) => product * n, 1);
  const summed: LinearRule = {
    ...rule,
    nngp: (b, k) => b.lift([rule.nngp(b, k)], (v) => mul(times, v)),
    tangent: (b, t, k) => b.lift([rule.tangent(b, t, k)], (v) => mul(times, v)),
  };
  return summed;
});
/** The window is not shared: every offset on one side meets every offset on the other. */
export const offsetsApart = withKernel('conv', (kernel) => (f, c) => {
  const rule = linear(kernel(f, c));
  const pool = linear(ruleOf('avgPool')({ ...f, op: 'avgPool', window: [3], strides: [1], padding: 'same' }, c));
  const mean: LinearRule['nngp'] = (b, k) => b.lift([pool.nngp(b, k)], (v) => mul(1.4 ** 2, v));
  const apart: LinearRule = { ...rule, nngp: (b, k) => b.lift([mean(b, k)], (v) => add(v, 0.3 ** 2)), tangent: mean };
  return apart;
});
/** The layer's own weights contribute what they read, not what they make of it. */
export const termBefore = withKernel('conv', (kernel) => (f, c) => {
  const rule = linear(kernel(f, c));
  return { ...rule, parameter: { ...rule.parameter!, term: (_, before) => before } };
});
