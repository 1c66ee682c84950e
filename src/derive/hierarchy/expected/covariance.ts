/** Numbers for what the calculus leaves in symbols: conditional covariances and orthant probabilities, each once. */
import { type Covariance, orthantProbability } from './orthant.ts';
import type { ReducedTerm } from './reduce.ts';
import type { Quantity } from './rules.ts';

export class GaussianVector {
  readonly #size: number;
  readonly #given = new Map<number, Float64Array>();
  readonly #orthants = new Map<number, number>();

  /** @param covariance [size size], row by row. */
  constructor(covariance: Float64Array) {
    this.#size = Math.sqrt(covariance.length);
    this.#given.set(0, covariance);
  }

  value(terms: readonly ReducedTerm[]): number {
    let sum = 0;
    for (const { scale, quantities, points, given } of terms) {
      let product = scale;
      for (const quantity of quantities) product *= this.#quantity(quantity);
      sum += product * this.#orthant(points, given);
    }
    return sum;
  }

  #quantity({ kind, i, j, given }: Quantity): number {
    const s = this.#conditional(maskOf(given))[i * this.#size + j] as number;
    if (kind === 'covariance') return s;
    return kind === 'inverse' ? 1 / s : 1 / Math.sqrt(2 * Math.PI * s);
  }

  #orthant(points: readonly number[], given: readonly number[]): number {
    const mask = maskOf(given);
    const key = (mask << this.#size) | maskOf(points);
    const known = this.#orthants.get(key);
    if (known !== undefined) return known;
    const s = this.#conditional(mask);
    const read: Covariance = (i, j) => s[i * this.#size + j] as number;
    const value = orthantProbability(points, read);
    this.#orthants.set(key, value);
    return value;
  }

  /** S given that the masked points are zero: S − S_·a S_a·/S_aa, point by point. */
  #conditional(mask: number): Float64Array {
    const known = this.#given.get(mask);
    if (known !== undefined) return known;
    const a = 31 - Math.clz32(mask);
    const before = this.#conditional(mask & ~(1 << a));
    const n = this.#size;
    const after = new Float64Array(n * n);
    const pivot = before[a * n + a] as number;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++)
        after[i * n + j] =
          (before[i * n + j] as number) - ((before[i * n + a] as number) * (before[a * n + j] as number)) / pivot;
    this.#given.set(mask, after);
    return after;
  }
}

const maskOf = (points: readonly number[]) => points.reduce((mask, p) => mask | (1 << p), 0);
