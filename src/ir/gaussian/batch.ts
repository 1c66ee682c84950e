import {
  defaultMaxDegree,
  defaultTolerance,
  expand,
  firstDegree,
  type HermiteCoefficients,
  type SeriesOptions,
  smallestDegree,
  truncated,
} from './hermite.ts';
import { type Integrands, integrands } from './mesh.ts';
import { type Scalar, variance } from './scalar.ts';

/** Hermite coefficients of one function at the variances of a batch. */
export interface SampleCoefficients {
  readonly degree: number;
  /** coefficients[i p] = a_p(q_i), p < degree, row by row. */
  readonly coefficients: Float64Array;
  /** tails[i] = Σ_{p≥degree} a_p(q_i)². */
  readonly tails: Float64Array;
  /** second[i] = E φ(√q_i z)². */
  readonly second: Float64Array;
}

/**
 * Hermite coefficients of φ at every variance qs[i], to the smallest common degree whose tails are all within
 * tolerance·second (or maxDegree). Equal variances are computed once.
 */
export function expandSamples(
  phi: Scalar,
  kinks: readonly number[],
  qs: Float64Array,
  options: SeriesOptions = {},
): SampleCoefficients {
  return expandBatch(integrands([phi], kinks), qs, options)[0]!;
}

/** expandSamples for every function of source on shared nodes and one common degree. */
export function expandBatch(source: Integrands, qs: Float64Array, options: SeriesOptions): SampleCoefficients[] {
  const { tolerance = defaultTolerance, maxDegree = defaultMaxDegree } = options;
  // Large variances tend to need the most terms: taken first, the degree seldom grows after them.
  const distinct = [...new Set(qs)].map(variance).sort((a, b) => b - a);
  const found = new Map<number, HermiteCoefficients[]>();
  let tried = Math.min(firstDegree, maxDegree);
  let degree = 1;
  for (const q of distinct) {
    let here = expand(source, q, tried);
    while (tried < maxDegree && here.some(({ tail, second }) => tail > tolerance * second)) {
      tried = Math.min(tried * 2, maxDegree);
      here = expand(source, q, tried);
    }
    degree = Math.max(degree, ...here.map((one) => smallestDegree(one, tolerance)));
    found.set(q, here);
  }
  for (const [q, here] of found) {
    const full = here[0]!.coefficients.length < degree ? expand(source, q, degree) : here;
    found.set(
      q,
      full.map((one) => truncated(one, degree)),
    );
  }
  return source.functions.map((_, f) => gathered(qs, degree, (q) => found.get(q)![f]!));
}

function gathered(qs: Float64Array, degree: number, at: (q: number) => HermiteCoefficients): SampleCoefficients {
  const coefficients = new Float64Array(qs.length * degree);
  qs.forEach((q, i) => {
    coefficients.set(at(q).coefficients, i * degree);
  });
  return { degree, coefficients, tails: qs.map((q) => at(q).tail), second: qs.map((q) => at(q).second) };
}
