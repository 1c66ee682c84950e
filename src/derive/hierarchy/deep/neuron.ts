/** Expectations of products over one neuron, with any number of factors at one input. */
import type { Family } from '../expected/families.ts';
import type { MomentFactor, Moments } from '../expected/moments.ts';

/** φ^(order)(u at an input). */
export interface NeuronFactor {
  readonly input: number;
  readonly order: number;
}

/** Highest derivative that the expectations know, and most factors. */
const [maxOrder, maxFactors] = [3, 4];

/**
 * E Π φ^(order)(u_input), u ~ N(0, covariance).
 * Without a kink factors at one input are factors at several inputs that are the same; with one they are first multiplied.
 */
export function neuronMoments(
  family: Family,
  covariance: (i: number, j: number) => number,
): (factors: readonly NeuronFactor[]) => number {
  const values = new Map<string, number>();
  const vectors = new Map<string, Moments>();
  const momentsAt = (inputs: readonly number[]): Moments => {
    const key = inputs.join(' ');
    const old = vectors.get(key);
    if (old !== undefined) return old;
    const n = inputs.length;
    // covariance[n n]
    const s = Float64Array.from({ length: n * n }, (_, k) => covariance(inputs[Math.floor(k / n)]!, inputs[k % n]!));
    const fresh = family.moments(s);
    vectors.set(key, fresh);
    return fresh;
  };
  const compute = (sorted: readonly NeuronFactor[]): number => {
    if (sorted.length > maxFactors || sorted.some(({ order }) => order > maxOrder))
      throw new Error(`ntkc bug: expectation of ${JSON.stringify(sorted)}`);
    const inputs = sorted.map(({ input }) => input);
    if (!family.kinked)
      return momentsAt(inputs)(
        sorted.map(({ order }, slot): MomentFactor => ({ slot, order, fn: 'phi' })),
        1,
      );
    const distinct = [...new Set(inputs)];
    const moments = momentsAt(distinct);
    const products = distinct.map((input) => productOf(sorted.flatMap((f) => (f.input === input ? [f.order] : []))));
    return expanded(products).reduce((sum, { coefficient, factors }) => sum + coefficient * moments(factors, 1), 0);
  };
  return (factors) => {
    const sorted = factors.toSorted((a, b) => a.input - b.input || a.order - b.order);
    const key = sorted.map(({ input, order }) => `${input}.${order}`).join(' ');
    const value = values.get(key) ?? compute(sorted);
    values.set(key, value);
    return value;
  };
}

type Summand = { readonly coefficient: number } & Pick<MomentFactor, 'fn' | 'order'>;

/**
 * φ^(p) φ^(q) at one input by derivatives of φ² and φ'².
 * @derived (φ²)' = 2φφ' and (φ²)'' = 2φ'² + 2φφ'', where φ is continuous.
 */
const products: Readonly<Record<string, readonly Summand[]>> = {
  '0,0': [{ coefficient: 1, fn: 'square', order: 0 }],
  '0,1': [{ coefficient: 0.5, fn: 'square', order: 1 }],
  '1,1': [{ coefficient: 1, fn: 'slopeSquare', order: 0 }],
  '0,2': [
    { coefficient: 0.5, fn: 'square', order: 2 },
    { coefficient: -1, fn: 'slopeSquare', order: 0 },
  ],
};

function productOf(orders: readonly number[]): readonly Summand[] {
  const [only] = orders;
  if (orders.length === 1) return [{ coefficient: 1, fn: 'phi', order: only! }];
  const product = products[orders.join()];
  if (product === undefined)
    throw new Error(`ntkc bug: derivatives ${orders} of an activation with a kink at one input`);
  return product;
}

/** Π over slots of a sum each, multiplied out. */
function expanded(sums: readonly (readonly Summand[])[]) {
  return sums.reduce<readonly { readonly coefficient: number; readonly factors: readonly MomentFactor[] }[]>(
    (before, summands, slot) =>
      before.flatMap(({ coefficient, factors }) =>
        summands.map(({ coefficient: c, fn, order }) => ({
          coefficient: coefficient * c,
          factors: [...factors, { slot, fn, order }],
        })),
      ),
    [{ coefficient: 1, factors: [] }],
  );
}
