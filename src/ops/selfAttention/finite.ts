import { call, type Expr, mul, num, pow } from '../../ir/scalar/index.ts';
import { x } from '../dual.ts';
import type { ForwardBuilder } from '../op.ts';
import { embed } from './embedding.ts';
import type { SelfAttention } from './fields.ts';

const weightsOf: Readonly<Record<SelfAttention['mechanism'], Expr>> = {
  identity: x,
  relu: call('max', x, num(0)),
  abs: call('abs', x),
  softmax: call('exp', x),
};

/**
 * linear scaling: one head as wide as a layer, its queries the keys. Square root: as many heads as that, one neuron each,
 * where the mechanism is the identity; else the root of it, as wide. All weights N(0, 1), scaled by the root of their number.
 */
export function attend(f: SelfAttention, b: ForwardBuilder, input: number): number {
  const embedded = embed(b, input, f);
  const values = f.posEmbValues ? embedded : input;
  const heads = headsOf(f, b, embedded, values);
  const bias = f.bStd > 0 ? { bias: { scale: f.bStd, std: 1 } } : {};
  const weightScale = (f.valueStd * f.outStd) / Math.sqrt(b.widthOf(heads));
  return b.dense(heads, { width: f.width ?? b.defaultWidth, weightScale, weightStd: 1, ...bias });
}

function headsOf(f: SelfAttention, b: ForwardBuilder, embedded: number, values: number): number {
  const gain = f.queryStd * f.keyStd;
  const width = b.defaultWidth;
  if (f.scaling === 'linear') {
    const keys = list(b, embedded, width);
    return head(f, b, [keys, keys], list(b, values, width), gain / width);
  }
  if (f.mechanism !== 'identity') {
    const size = Math.ceil(Math.sqrt(width));
    const heads = Array.from({ length: size }, () => {
      const pair = [list(b, embedded, size), list(b, embedded, size)] as const;
      return head(f, b, pair, list(b, values, size), gain / Math.sqrt(size));
    });
    return b.concat(heads);
  }
  // Of heads of one neuron, (q kᵀ) v = q (k · v).
  const [queries, keys] = [list(b, embedded, width), list(b, embedded, width)];
  const all = b
    .extentsOf(embedded)
    .map((n) => Array.from({ length: n }, () => ({ from: 0, weights: Array(n).fill(1) })));
  const products = b.positionMap(b.multiply([keys, list(b, values, width)]), all);
  return b.multiply([b.elementwise(queries, mul(gain, x)), products]);
}

/** Queries, keys or values: W h/√width of h. */
const list = (b: ForwardBuilder, input: number, width: number): number =>
  b.dense(input, { width, weightScale: 1 / Math.sqrt(b.widthOf(input)), weightStd: 1 });

/** ζ(scale · Q Kᵀ) V */
function head(
  f: SelfAttention,
  b: ForwardBuilder,
  [queries, keys]: readonly [number, number],
  values: number,
  scale: number,
): number {
  const scores = b.elementwise(b.matrixProduct(queries, keys, { scale, transposed: true }), weightsOf[f.mechanism]);
  const weights = f.mechanism === 'softmax' ? normalised(b, b.withoutAbsent(scores, keys)) : scores;
  return b.matrixProduct(weights, values, { scale: 1, transposed: false });
}

/** a/Σ a over all neurons. */
const normalised = (b: ForwardBuilder, a: number): number =>
  b.multiply([a, b.elementwise(b.mean(a), mul(1 / b.widthOf(a), pow(x, -1)))]);
