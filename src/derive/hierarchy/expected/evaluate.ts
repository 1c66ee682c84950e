/** Expected kernels, tuple by tuple. */
import { NtkcError } from '../../../errors.ts';
import { printScalar } from '../../../ir/scalar/index.ts';
import { type Coincidence, coincidenceOf } from './coincidence.ts';
import { type Family, requiredFamily } from './families.ts';
import type { Moments } from './moments.ts';
import { gaussianMoment, type NeuronTerm, neuronKernel, parallelNeuronKernel } from './neuron.ts';
import type { TwoLayers } from './twoLayers.ts';

export interface ExpectedOptions {
  /** Tuples of coinciding inputs without a value, for activations with a kink. Default: refuse; exclude gives 0. */
  readonly coincident?: 'refuse' | 'exclude';
  /** Told how many tuples were excluded, at the end and only where there were any. */
  readonly onExcluded?: (tuples: number) => void;
  /** Replaces an activation φ with a kink by E φ(u + smoothing · z), z ~ N(0, 1): u is the pre-activation. */
  readonly smoothing?: number;
}

/** The activation's family, smoothed. @throws NtkcError where it has none, or smoothing does not apply */
export function smoothedFamily({ phi }: TwoLayers, smoothing: number): Family {
  const family = requiredFamily(phi);
  if (smoothing === 0) return family;
  if (!(smoothing > 0 && Number.isFinite(smoothing)))
    throw new NtkcError({ what: `smoothing is ${smoothing}`, expected: 'a number > 0' });
  if (family.smoothed === undefined)
    throw new NtkcError({
      what: `smoothing is for activations with a kink, and ${printScalar(phi)} has none`,
      next: 'Leave smoothing out.',
    });
  return family.smoothed(smoothing);
}

/** Expected kernels of one set of inputs, moments of a set of inputs kept for all orders of its tuples. */
export class Expected {
  readonly #layers: TwoLayers;
  readonly #family: Family;
  /** Inner products ⟨x_i, x_j⟩, [n n]. */
  readonly #products: Float64Array;
  readonly #n: number;
  readonly #moments = new Map<string, Moments>();
  readonly #kernels = new Map<string, readonly NeuronTerm[]>();

  constructor(layers: TwoLayers, family: Family, x: readonly ArrayLike<number>[]) {
    this.#layers = layers;
    this.#family = family;
    this.#n = x.length;
    // products[i j] = Σ_d x[i d] · x[j d]
    this.#products = Float64Array.from({ length: x.length ** 2 }, (_, k) => {
      const [a, b] = [x[Math.floor(k / x.length)], x[k % x.length]] as [ArrayLike<number>, ArrayLike<number>];
      let sum = 0;
      for (let d = 0; d < a.length; d++) sum += (a[d] as number) * (b[d] as number);
      return sum;
    });
  }

  /** Undefined where coinciding inputs leave no value. */
  ifDefined(tuple: readonly number[]): number | undefined {
    try {
      return this.at(tuple);
    } catch (error) {
      if (error instanceof NtkcError) return undefined;
      throw error;
    }
  }

  at(tuple: readonly number[]): number {
    const r = tuple.length;
    const { scale, std, bias } = this.#layers.output;
    // A φ with a kink at zero is homogeneous here: f is zero at a zero input, whatever the parameters.
    const isZero = (i: number) => this.#read(this.#layers.covariance, i, i) === 0;
    if (this.#family.kinked && tuple.some(isZero)) return r === 2 ? bias : 0;
    const coincidence: Coincidence = this.#family.kinked
      ? coincidenceOf(tuple, (i, j) => this.#read(this.#layers.covariance, tuple[i] as number, tuple[j] as number))
      : undefined;
    // Slots are the places in ascending order of their inputs: permuted tuples share their moments.
    const places = tuple.map((_, at) => at).sort((a, b) => (tuple[a] as number) - (tuple[b] as number) || a - b);
    const slots = new Map(places.map((at, slot) => [at, slot]));
    const moments = this.#momentsOf(places.map((at) => tuple[at] as number));
    let sum = 0;
    for (const term of this.#kernel(r, coincidence !== undefined)) {
      let value = term.coefficient * gaussianMoment(term.power, std);
      for (const [i, j] of term.grams)
        value *= this.#read(this.#layers.tangent, tuple[i] as number, tuple[j] as number);
      const factors = term.factors.map(({ at, fn, order }) => ({ slot: slots.get(at) as number, fn, order }));
      if (value !== 0) sum += value * moments(factors, coincidence?.ratio ?? 1);
    }
    return scale ** r * sum + (r === 2 ? bias : 0);
  }

  #read({ weight, bias }: TwoLayers['covariance'], i: number, j: number): number {
    return weight * (this.#products[i * this.#n + j] as number) + bias;
  }

  #kernel(order: number, parallel: boolean): readonly NeuronTerm[] {
    const key = `${order} ${parallel}`;
    const known = this.#kernels.get(key) ?? (parallel ? parallelNeuronKernel(order) : neuronKernel(order));
    this.#kernels.set(key, known);
    return known;
  }

  #momentsOf(points: readonly number[]): Moments {
    const key = points.join(' ');
    const known = this.#moments.get(key);
    if (known !== undefined) return known;
    const r = points.length;
    const covariance = Float64Array.from({ length: r * r }, (_, k) =>
      this.#read(this.#layers.covariance, points[Math.floor(k / r)] as number, points[k % r] as number),
    );
    const moments = this.#family.moments(covariance);
    this.#moments.set(key, moments);
    return moments;
  }
}
