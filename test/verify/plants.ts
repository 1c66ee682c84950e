/** Wrong derivations for the verifier to reject: each is one mistake that is easily made. */
import { derive } from '../../src/derive/index.ts';
import type { Network } from '../../src/ir/arch/index.ts';
import type { KernelName } from '../../src/ir/program/index.ts';
import { add, type Expr, mul, sym } from '../../src/ir/scalar/index.ts';
import type { ClosedDual } from '../../src/ops/dual.ts';
import type { KernelRule, Op } from '../../src/ops/op.ts';
import { dense, network, relu, vocabulary } from '../../src/ops/vocabulary.ts';

const layer = { wStd: Math.SQRT2, bStd: 0.7 };

/** Three layers with a bias large enough to matter. */
export const subject: Network = network({
  name: 'relu-3',
  input: { shape: [4] },
  layers: [dense(layer), relu(), dense(layer), relu(), dense(layer)],
});

type Vocabulary = ReadonlyMap<string, Op>;

function withRule(name: string, change: (rule: KernelRule) => KernelRule): Vocabulary {
  const op = vocabulary.get(name)!;
  return new Map(vocabulary).set(name, { ...op, kernel: (f, c) => change(op.kernel!(f, c)) });
}

const withDual = (change: (dual: ClosedDual) => ClosedDual): Vocabulary =>
  withRule('relu', (rule) => {
    if (rule.kind !== 'activation' || rule.activation.dual.kind !== 'closed') throw new Error('relu has a closed form');
    return { ...rule, activation: { ...rule.activation, dual: change(rule.activation.dual) } };
  });

/** κ̇ without its factor 2, or with one too many. */
export const dotKappaTimes = (factor: number): Vocabulary =>
  withDual((dual) => ({ ...dual, dotKappa: mul(factor, dual.dotKappa) }));

/** κ with a wrong constant, and κ̇ differentiated from it: the two agree with each other. */
export const kappaTimes = (factor: number): Vocabulary =>
  withDual((dual) => ({ ...dual, kappa: mul(factor, dual.kappa), dotKappa: mul(factor, dual.dotKappa) }));

/** The bias enters K but not T. */
export const biasLeftOutOfT: Vocabulary = withRule('dense', (rule) => {
  if (rule.kind !== 'linear' || rule.parameter === undefined) throw new Error('dense has parameters');
  const { term } = rule.parameter;
  return {
    ...rule,
    parameter: {
      ...rule.parameter,
      term: (b, before, after) => b.lift([term(b, before, after)], (t) => add(t, -layer.bStd * layer.bStd)),
    },
  };
});

/** The weights of the layers in reverse order; with `everywhere`, the layer-wise kernels too. */
export const swappedWeights =
  (everywhere: boolean): typeof derive =>
  (net: Network, kernel: KernelName = 'ntk', options = {}) => {
    const derivation = derive(net, kernel, options);
    const { program } = derivation;
    if (kernel === 'wntk') return { ...derivation, program: { ...program, weights: program.weights.toReversed() } };
    if (kernel !== 'layerwise' || !everywhere) return derivation;
    return { ...derivation, program: { ...program, outputs: program.outputs.toReversed() } };
  };

const outputsChanged =
  (change: (e: Expr) => { readonly pair: Expr; readonly self: Expr }, kernels: readonly KernelName[]): typeof derive =>
  (net: Network, kernel: KernelName = 'ntk', options = {}) => {
    const derivation = derive(net, kernel, options);
    if (!kernels.includes(kernel)) return derivation;
    const outputs = derivation.program.outputs.map((o) => ({
      ...o,
      pair: change(o.pair).pair,
      self: change(o.self).self,
    }));
    return { ...derivation, program: { ...derivation.program, outputs } };
  };

const both = (e: Expr) => ({ pair: e, self: e });

/** K(x, x') has something of x alone: a variance that it reads. */
export const asymmetricBy = (variance: string): typeof derive =>
  outputsChanged((e) => ({ pair: add(e, mul(0.01, sym(`${variance}_x`))), self: e }), ['nngp']);
export const asymmetric = asymmetricBy('q1');
export const negative = outputsChanged((e) => both(mul(-1, e)), ['nngp']);
export const otherDiagonal = outputsChanged((e) => ({ pair: e, self: mul(1.001, e) }), ['nngp']);
/** The weighted kernel has μ_1² in it. */
export const quadraticInWeights = outputsChanged((e) => both(add(e, mul(sym('mu1'), sym('mu1')))), ['wntk']);
