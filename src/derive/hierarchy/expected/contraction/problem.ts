/** From a network and its inputs to the sums that are left to compute. */
import type { Network } from '../../../../ir/arch/index.ts';
import type { Contraction } from '../../../../ir/expectation/index.ts';
import { coincidenceOf, parallelPairs } from '../coincidence.ts';
import { Expected, type ExpectedOptions, smoothedFamily } from '../evaluate.ts';
import type { Family } from '../families.ts';
import { checkedInputs, checkedWeights } from '../inputs.ts';
import { type TwoLayers, twoLayers } from '../twoLayers.ts';
import { parallelProgram, tupleProgram } from './program.ts';

export interface ContractionProblem {
  /** The inputs that take part, as indices into x: a kernel with a zero input is zero where φ is homogeneous. */
  readonly live: readonly number[];
  /** Tuples of these whose weight is not zero. */
  readonly tuples: number;
  /** The sums over the inputs that take part; absent where the expectations of φ are not known in closed form. */
  readonly contraction?: Contraction;
  /** K4 at a tuple of indices into x, for the others; forgets the rest when `fresh` is called. */
  readonly fresh: () => (tuple: readonly number[]) => number;
}

/**
 * M[α β] = Σ_γξ C[γ ξ] · width · E K4(α, β, γ, ξ).
 * @param weights C, [n n]
 * @throws NtkcError as expectedHierarchy does; where φ has a kink and C asks for any tuple, unless coincidences are excluded
 */
export function contractionProblem(
  network: Network,
  x: readonly ArrayLike<number>[],
  weights: Float64Array,
  options: ExpectedOptions = {},
): ContractionProblem {
  const layers = twoLayers(network);
  checkedInputs(x, layers.features);
  checkedWeights(weights, x.length);
  const { coincident = 'refuse', smoothing = 0 } = options;
  const family = smoothedFamily(layers, smoothing);
  const products = innerProducts(x);
  const s = affine(products, layers.covariance);
  const n = x.length;
  const live = x.map((_, i) => i).filter((i) => !family.kinked || s[i * n + i] !== 0);
  const pick = (matrix: Float64Array) =>
    Float64Array.from({ length: live.length ** 2 }, (_, k) => {
      const [i, j] = [live[Math.floor(k / live.length)] as number, live[k % live.length] as number];
      return matrix[i * n + j] as number;
    });
  const c = pick(weights);
  if (family.kinked && coincident === 'refuse') refuseCoincidence(c, pick(s), live);
  const fresh = () => {
    const expected = new Expected(layers, family, x);
    return (tuple: readonly number[]) => expected.at(tuple);
  };
  const tuples = live.length ** 2 * c.reduce((count, v) => count + (v === 0 ? 0 : 1), 0);
  if (family.write === undefined) return { live, tuples, fresh };
  const sums = sumsOf({ ...family, write: family.write }, layers.output, c, pick(s));
  const [covariances, gradients] = [pick(s), pick(affine(products, layers.tangent))];
  const variances = Float64Array.from(live, (_, i) => (covariances[i * (live.length + 1)] as number) + family.noise);
  const contraction = { n: live.length, variances, covariances, gradients, weights: c, sums };
  return { live, tuples, fresh, contraction };
}

function sumsOf(
  family: Family & Required<Pick<Family, 'write'>>,
  output: TwoLayers['output'],
  weights: Float64Array,
  s: Float64Array,
): Contraction['sums'] {
  const shape = { isSymmetric: isSymmetric(weights), family, output };
  const program = tupleProgram(shape);
  if (!family.kinked) return [{ program, range: { kind: 'repeated' } }];
  const parallel = parallelPairs(s);
  const signs = ([1, -1] as const).map((sign) => ({ sign, pairs: parallel.filter((p) => p.sign === sign) }));
  return [
    { program, range: { kind: 'distinct' } },
    ...signs
      .filter(({ pairs }) => pairs.length > 0)
      .map(({ sign, pairs }) => ({
        program: parallelProgram(shape, sign),
        range: { kind: 'pairs', pairs: pairs.map(({ pair }) => pair) } as const,
      })),
  ];
}

/** With a kink, (ξ, β, γ, ξ) has no value for any γ, ξ. */
function refuseCoincidence(c: Float64Array, s: Float64Array, live: readonly number[]): void {
  const n = live.length;
  const at = c.findIndex((v) => v !== 0);
  if (at < 0) return;
  const [gamma, xi] = [Math.floor(at / n), at % n];
  const places = [xi, xi, gamma, xi];
  coincidenceOf(
    places.map((i) => live[i] as number),
    (i, j) => s[(places[i] as number) * n + (places[j] as number)] as number,
  );
}

const isSymmetric = (m: Float64Array): boolean => {
  const n = Math.sqrt(m.length);
  return m.every((v, k) => v === m[(k % n) * n + Math.floor(k / n)]);
};

/** products[i j] = Σ_d x[i d] · x[j d] */
function innerProducts(x: readonly ArrayLike<number>[]): Float64Array {
  return Float64Array.from({ length: x.length ** 2 }, (_, k) => {
    const [a, b] = [x[Math.floor(k / x.length)], x[k % x.length]] as [ArrayLike<number>, ArrayLike<number>];
    let sum = 0;
    for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number);
    return sum;
  });
}

const affine = (products: Float64Array, { weight, bias }: TwoLayers['covariance']) =>
  products.map((p) => weight * p + bias);
