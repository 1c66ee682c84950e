/**
 * Positional embeddings: random vectors of trained numbers, one a position, added to a layer's input or put beside it.
 * With R their covariance over positions they make K into K̃ = share · K + weight · R.
 */
import { NtkcError } from '../../errors.ts';
import type { LinearAxis } from '../../ir/program/index.ts';
import { add, mul, num } from '../../ir/scalar/index.ts';
import type { ForwardBuilder, Kernel, KernelBuilder, RuleContext } from '../op.ts';
import type { SelfAttention } from './fields.ts';

export interface Embedded {
  readonly share: number;
  readonly weight: number;
}

/** @throws NtkcError where the share of the embeddings in a concatenation is unknown */
export function embeddedOf({ posEmb, posEmbStd, posEmbWidth }: SelfAttention, { fanIn }: RuleContext): Embedded {
  if (posEmb === 'none') return { share: 1, weight: 0 };
  if (posEmb === 'sum') return { share: 1, weight: posEmbStd ** 2 };
  if (posEmbWidth === undefined) return { share: 1 / 2, weight: posEmbStd ** 2 / 2 };
  if (fanIn === Number.POSITIVE_INFINITY)
    throw new NtkcError({
      what: `embeddings of ${posEmbWidth} neurons beside an input that declares no width, so what share they have is unknown`,
      where: '.posEmbWidth',
      expected: 'a width on the layer before it, or no posEmbWidth: then they are as wide as the input',
    });
  const total = fanIn + posEmbWidth;
  return { share: fanIn / total, weight: (posEmbStd ** 2 * posEmbWidth) / total };
}

/** R[p p'] at the positions of a kernel: 1 where p = p'; elsewhere 0, or what decays with the distance. */
export function embeddings(b: KernelBuilder, { posEmbDecay, posEmbNorm }: SelfAttention, at: Kernel): Kernel {
  const { extents = [], present } = at;
  const independent = b.onlyDiagonal({ pair: num(1), self: num(1), full: num(1), extents });
  const all = posEmbDecay === undefined ? independent : b.linear(independent, roots(extents, posEmbDecay, posEmbNorm));
  // Of (p, p) it is 1, analytically.
  return { ...all, self: num(1), ...(present && { present }) };
}

/** What the embeddings are, for a derivation. */
export function embeddingText({ posEmb, posEmbDecay, posEmbNorm }: SelfAttention): string {
  if (posEmb === 'none') return '';
  if (posEmbDecay === undefined) return ', independent embeddings';
  return `, embeddings of covariance R = exp(-${posEmbDecay} |p-p'|^${posEmbNorm})`;
}

/** K̃ = share · K + weight · R */
export function withEmbeddings(b: KernelBuilder, k: Kernel, f: SelfAttention, context: RuleContext): Kernel {
  const { share, weight } = embeddedOf(f, context);
  if (weight === 0) return share === 1 ? k : b.lift([k], (v) => mul(share, v));
  return b.lift([k, embeddings(b, f, k)], (v, r) => add(mul(share, v), mul(weight, r)));
}

/** The layer's input with its embeddings; they are the biases, of their own for each position, of a layer that reads nothing. */
export function embed(b: ForwardBuilder, input: number, f: SelfAttention): number {
  if (f.posEmb === 'none') return input;
  const width = f.posEmb === 'concat' ? (f.posEmbWidth ?? b.widthOf(input)) : b.widthOf(input);
  const bias = { scale: f.posEmbStd, std: 1 };
  const independent = b.dense(input, { width, weightScale: 0, weightStd: 0, bias, perPosition: true });
  const extents = b.extentsOf(input);
  const list =
    f.posEmbDecay === undefined ? independent : b.positionMap(independent, roots(extents, f.posEmbDecay, f.posEmbNorm));
  return f.posEmb === 'sum' ? b.add([input, list]) : b.concat([input, list]);
}

/** For each axis a matrix L, L Lᵀ = R: distances to the power of the norm add over axes, so that R is a product over them. */
const roots = (extents: readonly number[], decay: number, norm: number): readonly LinearAxis[] =>
  extents.map((n) => root(n, (p, r) => Math.exp(-decay * Math.abs(p - r) ** norm)));

/** L with L Lᵀ a covariance of n positions: Cholesky's factor, largest pivots first, until rounding is all that is left. */
export function root(n: number, covariance: (p: number, r: number) => number): LinearAxis {
  const rows = Array.from({ length: n }, (): number[] => []);
  const left = rows.map((_, p) => covariance(p, p));
  for (;;) {
    const largest = Math.max(...left);
    if (largest <= n * Number.EPSILON) return rows.map((weights) => ({ from: 0, weights }));
    const pivot = left.indexOf(largest);
    const known = [...(rows[pivot] as number[])];
    rows.forEach((row, p) => {
      const rest = known.reduce((sum, v, s) => sum - v * (row[s] as number), covariance(p, pivot));
      const entry = rest / Math.sqrt(largest);
      row.push(entry);
      left[p] = p === pivot ? 0 : (left[p] as number) - entry * entry;
    });
  }
}
