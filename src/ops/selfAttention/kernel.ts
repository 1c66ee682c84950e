/** The kernels of attention as its heads, and their neurons, become many. */
import { NtkcError } from '../../errors.ts';
import { add, call, type Expr, mul, num } from '../../ir/scalar/index.ts';
import type { Kernel, KernelBuilder, LinearRule, RuleContext } from '../op.ts';
import { embeddedOf, embeddings, embeddingText, withEmbeddings } from './embedding.ts';
import type { SelfAttention } from './fields.ts';

const source = 'neural-tangents GlobalSelfAttention';

/** ζ of a score; softmax takes all scores of a position. */
const mechanisms: Readonly<Record<Exclude<SelfAttention['mechanism'], 'softmax'>, (score: Expr) => Expr>> = {
  identity: (score) => score,
  relu: (score) => call('max', score, num(0)),
  abs: (score) => call('abs', score),
};

/**
 * Scores over the width of keys, queries being the keys: they converge to QK K̃(x, x), QK = queryStd · keyStd, so that
 * with G = ζ(QK K̃(x, x)) and OV = valueStd · outStd
 *   K ← OV² G K G'ᵀ + bStd²,  T ← OV² G T G'ᵀ + 2 (K − bStd²) + bStd²,
 * the two own terms being those of values and outputs; what flows through G vanishes.
 */
export function linearRule(f: SelfAttention, context: RuleContext): LinearRule {
  const { share, weight } = embeddedOf(f, context);
  const ov = (f.valueStd * f.outStd) ** 2;
  const embedded = (b: KernelBuilder, k: Kernel) => withEmbeddings(b, k, f, context);
  const valuesOf = (b: KernelBuilder, k: Kernel) => (f.posEmbValues ? embedded(b, k) : k);
  const weights = (b: KernelBuilder, k: Kernel): Expr => {
    const score = (v: Expr) => mul(f.queryStd * f.keyStd, v);
    if (f.mechanism === 'softmax') return b.softmax(b.lift([embedded(b, k)], score));
    const zeta = mechanisms[f.mechanism];
    return b.matrix(b.lift([embedded(b, k)], (v) => zeta(score(v))));
  };
  const attended = (b: KernelBuilder, of: Kernel, k: Kernel, scale: number) =>
    b.lift([b.contract(of, weights(b, k))], (v) => mul(scale, v));
  return {
    kind: 'linear',
    name: `${f.mechanism} attention, linear scaling${embeddingText(f)}`,
    source,
    nngp: (b, k) => b.lift([attended(b, valuesOf(b, k), k, ov)], (v) => add(v, f.bStd ** 2)),
    tangent: (b, t, k) => attended(b, t, k, f.posEmbValues ? ov * share : ov),
    parameter: {
      weight: f.ntkWeight,
      term: (b, before, after) => {
        const own = b.lift([after], (v) => add(mul(2, v), -(f.bStd ** 2)));
        if (!f.posEmbValues || weight === 0) return own;
        const positions = attended(b, embeddings(b, f, before), before, ov * weight);
        return b.lift([own, positions], add);
      },
    },
  };
}

/**
 * Scores over the root of the width of keys stay random, Gaussian for each head; heads become many. With S = Σ_pp' K̃ K,
 * over all positions, and c = (QK OV)²
 *   K ← c S K̃ + bStd²,  T ← c [(⟨K̃, T⟩ + ⟨K, T̃⟩) K̃ + S (T̃ + 4 K̃)] + bStd²,
 * where values have embeddings too K and T are K̃ and T̃, T̃ = share · T + weight · R. Of other mechanisms than the identity
 * an expectation is left that has no known closed form.
 * @throws NtkcError for these
 */
export function sqrtRule(f: SelfAttention, context: RuleContext): LinearRule {
  if (f.mechanism !== 'identity')
    throw new NtkcError({
      what: `${f.mechanism} attention with scaling "sqrt" has no known kernel: its scores stay random at infinite width`,
      where: '.scaling',
      expected: 'scaling "linear", or mechanism "identity"',
    });
  const { share, weight } = embeddedOf(f, context);
  const c = (f.queryStd * f.keyStd * f.valueStd * f.outStd) ** 2;
  const embedded = (b: KernelBuilder, k: Kernel) => withEmbeddings(b, k, f, context);
  const valuesOf = (b: KernelBuilder, k: Kernel) => (f.posEmbValues ? embedded(b, k) : k);
  /** c [⟨K̃, Tv⟩ + ⟨Kv, T̃⟩) K̃ + S T̃] for T̃ = key · t and values' Tv = value · t. */
  const through = (b: KernelBuilder, t: Kernel, k: Kernel, key: number, value: number): Kernel => {
    const [scores, values] = [embedded(b, k), valuesOf(b, k)];
    const products = b.lift([scores, values, t], (s, v, t) => add(mul(value, s, t), mul(key, v, t)));
    return b.lift([b.reduce(products, 'all', 1), scores, sumOf(b, scores, values), t], (cross, s, sum, t) =>
      add(mul(c, cross, s), mul(c * key, sum, t)),
    );
  };
  return {
    kind: 'linear',
    name: `identity attention, square root scaling${embeddingText(f)}`,
    source,
    nngp: (b, k) => {
      const scores = embedded(b, k);
      return b.lift([sumOf(b, scores, valuesOf(b, k)), scores], (sum, s) => add(mul(c, sum, s), f.bStd ** 2));
    },
    tangent: (b, t, k) => through(b, t, k, share, f.posEmbValues ? share : 1),
    parameter: {
      weight: f.ntkWeight,
      term: (b, before, after) => {
        const own = b.lift([after], (v) => add(mul(4, v), -3 * f.bStd ** 2));
        if (weight === 0) return own;
        const positions = embeddings(b, f, before);
        return b.lift([own, through(b, positions, before, weight, f.posEmbValues ? weight : 0)], add);
      },
    },
  };
}

/** ⟨K, K'⟩ over all positions. */
const sumOf = (b: KernelBuilder, k: Kernel, other: Kernel): Kernel => b.reduce(b.lift([k, other], mul), 'all', 1);
