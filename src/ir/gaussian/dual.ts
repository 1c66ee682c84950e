import { NtkcError } from '../../errors.ts';
import { expandBatch, type SampleCoefficients } from './batch.ts';
import { type BrokenLine, brokenExpectation, brokenLine } from './broken.ts';
import { defaultMaxDegree, defaultTolerance } from './hermite.ts';
import { secondMoment } from './mean.ts';
import { type Integrands, integrands } from './mesh.ts';
import { nestedError, nestedExpectation } from './nested.ts';
import { correlation, type Scalar, variance } from './scalar.ts';
import { seriesAt, termsFor } from './series.ts';

export interface DualSpec {
  readonly phi: Scalar;
  /** φ' almost everywhere; leave it out where only κ is wanted. A jump of φ adds nothing to κ̇ (sign: dphi = 0, κ̇ = 0). */
  readonly dphi?: Scalar;
  /** The x where φ or φ' jumps, in any order. A missed one costs time, not digits. */
  readonly kinks: readonly number[];
  /** Error allowed in κ, relative to √(κ(x,x) κ(x',x')). Default 1e-12. */
  readonly tolerance?: number;
  /** The most Hermite coefficients a sample. Default 512; broken lines take 128 at most, they have a closed integral. */
  readonly maxDegree?: number;
}

/** One function at a batch of variances. */
interface Part extends SampleCoefficients {
  readonly line: BrokenLine | undefined;
}

/** What prepare() computes once a sample, for any number of pairs. */
export interface SampleExpansion {
  readonly qs: Float64Array;
  readonly value: Part;
  /** Of φ'; undefined without dphi. */
  readonly slope: Part | undefined;
}

/** κ and κ̇ of an arbitrary φ, by whichever route keeps the tolerance. i and j index the two samples' variances. */
export interface DualActivation {
  /** Throws where E φ(√q z)² diverges for a q, or φ has no value. */
  prepare(qs: Float64Array): SampleExpansion;
  /** κ = E φ(u)φ(v), (u,v) ~ N(0, [[q_i,k],[k,q_j]]). */
  kappa(x: SampleExpansion, i: number, y: SampleExpansion, j: number, k: number): number;
  /** κ̇ = E φ'(u)φ'(v). */
  dotKappa(x: SampleExpansion, i: number, y: SampleExpansion, j: number, k: number): number;
  /**
   * Absolute bound on what the route of kappa leaves out: |ρ|^P √(tail · tail') for the series (see hermiteCoefficients;
   * rigorous up to quadrature rounding, 1e-15), what panels resolve to for the integrals.
   */
  errorBound(x: SampleExpansion, i: number, y: SampleExpansion, j: number, k: number): number;
  /** The same for dotKappa. */
  dotErrorBound(x: SampleExpansion, i: number, y: SampleExpansion, j: number, k: number): number;
  /** κ at equal inputs: E φ(√q z)². */
  selfKappa(q: number): number;
  /** κ̇ at equal inputs: E φ'(√q z)². */
  selfDotKappa(q: number): number;
}

/** Terms of the series of a broken line: beyond ρ = 0.8 its angular integral is as quick. */
const brokenDegree = 128;

export function dualActivation(spec: DualSpec): DualActivation {
  const functions = spec.dphi === undefined ? [spec.phi] : [spec.phi, spec.dphi];
  const source = integrands(functions, spec.kinks);
  const tolerance = spec.tolerance ?? defaultTolerance;
  const pair = pairOf(source, tolerance);
  const slopeOf = (sample: SampleExpansion): Part => sample.slope ?? missingSlope();
  return {
    prepare: (qs) => prepare(source, qs, tolerance, spec.maxDegree),
    kappa: (x, i, y, j, k) => pair(0, x.value, x.qs[i]!, i, y.value, y.qs[j]!, j, k).value,
    dotKappa: (x, i, y, j, k) => pair(1, slopeOf(x), x.qs[i]!, i, slopeOf(y), y.qs[j]!, j, k).value,
    errorBound: (x, i, y, j, k) => pair(0, x.value, x.qs[i]!, i, y.value, y.qs[j]!, j, k).bound,
    dotErrorBound: (x, i, y, j, k) => pair(1, slopeOf(x), x.qs[i]!, i, slopeOf(y), y.qs[j]!, j, k).bound,
    selfKappa: (q) => secondMoment(source, 0, q),
    selfDotKappa: (q) => (functions.length > 1 ? secondMoment(source, 1, q) : missingSlope()),
  };
}

function missingSlope(): never {
  throw new NtkcError({
    what: 'the derivative of a function is needed, but none was given',
    next: 'Give dphi, or ask for the NNGP kernel only.',
  });
}

function prepare(
  source: Integrands,
  qs: Float64Array,
  tolerance: number,
  maxDegree: number | undefined,
): SampleExpansion {
  // Where all second moments converge: the line test below then samples no overflow.
  const largest = qs.reduce((a, b) => Math.max(a, variance(b)), 0);
  const reach = 13 * Math.sqrt(largest);
  const lines = source.functions.map((_, f) => (reach > 0 ? brokenLine(source, f, reach) : undefined));
  const allBroken = lines.every((line) => line !== undefined);
  const most = maxDegree ?? defaultMaxDegree;
  const options = { tolerance, maxDegree: allBroken ? Math.min(most, brokenDegree) : most };
  const parts = expandBatch(source, qs, options).map((part, f) => ({ ...part, line: lines[f] }));
  return { qs, value: parts[0]!, slope: parts[1] };
}

interface PairValue {
  readonly value: number;
  /** Absolute. */
  readonly bound: number;
}

function pairOf(source: Integrands, tolerance: number) {
  return (which: number, x: Part, q1: number, i: number, y: Part, q2: number, j: number, k: number): PairValue => {
    const rho = correlation(q1, q2, k);
    const P = Math.min(x.degree, y.degree);
    const norm = Math.sqrt(x.second[i]!) * Math.sqrt(y.second[j]!);
    if (rho === 1 && q1 === q2) return { value: x.second[i]!, bound: nestedError * norm };
    const few = termsFor(rho, P, tolerance);
    const series = (terms: number) => seriesAt(x.coefficients, i * x.degree, y.coefficients, j * y.degree, terms, rho);
    if (few < P) return { value: series(few), bound: Math.abs(rho) ** few * norm };
    const bound = Math.abs(rho) ** P * Math.sqrt(tailAt(x, i, P)) * Math.sqrt(tailAt(y, j, P));
    if (bound <= tolerance * norm) return { value: series(P), bound };
    const line = q1 >= q2 ? x.line : y.line;
    if (line !== undefined && q1 > 0 && q2 > 0) {
      const value = brokenExpectation(line, q1, q2, rho, { x: firstTwo(x, i), y: firstTwo(y, j) });
      return { value, bound: nestedError * norm };
    }
    return { value: nestedExpectation(source, which, q1, q2, k, norm), bound: nestedError * norm };
  };
}

const firstTwo = (part: Part, i: number): [number, number] => {
  const at = i * part.degree;
  return [part.coefficients[at]!, part.degree > 1 ? part.coefficients[at + 1]! : 0];
};

/** Σ_{p≥P} a_p² of row i, for P up to the row's degree. */
function tailAt(part: Part, i: number, P: number): number {
  let tail = part.tails[i]!;
  for (let p = P; p < part.degree; p++) tail += part.coefficients[i * part.degree + p]! ** 2;
  return tail;
}
