import { NtkcError } from '../../errors.ts';
import type { Answers } from '../io/csv.ts';
import { kernelRidge, predictRidge, type Ridge } from './kernelRidge.ts';
import { fitStandardisation, noStandardisation, type Standardisation, standardise } from './standardise.ts';
import { type Coding, codingOf, decode, encode, outputsOf, type Prediction } from './targets.ts';

/** Kernel matrix [n1, n2], row-major, between x1[n1 d] and x2[n2 d]; without x2, of x1 with itself (n2 = n1). */
export type GramFunction = (
  x1: Float64Array,
  n1: number,
  x2: Float64Array | undefined,
  n2: number,
) => Promise<Float64Array> | Float64Array;

/** x[n d], row-major, with one answer a row. */
export interface TrainingData {
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly answers: Answers;
}

export interface FitOptions {
  readonly kernel: GramFunction;
  readonly ridge: Ridge;
  /** Fit mean and deviation of each feature on these rows and apply them. Default true. */
  readonly standardise?: boolean;
  /** The coding of the answers; by default that of these rows. Give it when some rows may lack a class. */
  readonly coding?: Coding;
}

/** A fitted predictor: f(x) = k(standardised x, x) · alpha, decoded. */
export interface Fitted {
  readonly standardisation: Standardisation;
  /** Training inputs x[n d], not standardised. */
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
  /** alpha[n o]. */
  readonly alpha: Float64Array;
  readonly coding: Coding;
  readonly ridge: Ridge;
  /** The λ added to the diagonal. */
  readonly lambda: number;
}

/** Fits kernel ridge regression to labels or numbers. Throws NtkcError (bad data, singular kernel matrix, bad ridge). */
export async function fit(data: TrainingData, options: FitOptions): Promise<Fitted> {
  const { x, n, d, answers } = data;
  requireData(data);
  const standardisation = (options.standardise ?? true) ? fitStandardisation(x, n, d) : noStandardisation(d);
  const coding = options.coding ?? codingOf(answers);
  const gram = requireSize(await options.kernel(standardise(x, standardisation), n, undefined, n), n, n);
  const targets = encode(answers, coding);
  const { alpha, lambda } = await kernelRidge({ gram, targets, n, outputs: outputsOf(coding), ridge: options.ridge });
  return { standardisation, x, n, d, alpha, coding, ridge: options.ridge, lambda };
}

/** Predicts at x[m d], row-major, not standardised. Throws NtkcError for values that are not finite. */
export async function predict(fitted: Fitted, x: Float64Array, m: number, kernel: GramFunction): Promise<Prediction> {
  const { standardisation, n, d, coding, alpha, lambda } = fitted;
  requireInputs(x, m, d);
  const trained = standardise(fitted.x, standardisation);
  const k = requireSize(await kernel(standardise(x, standardisation), m, trained, n), m, n);
  return decode(await predictRidge(k, { alpha, outputs: outputsOf(coding), lambda }), coding);
}

export function requireData({ x, n, d, answers }: TrainingData): void {
  requireInputs(x, n, d);
  const count = answers.task === 'classification' ? answers.labels.length : answers.targets.length;
  if (count !== n) throw new NtkcError({ what: `${count} answers for ${n} inputs`, expected: 'one answer an input' });
  if (answers.task === 'classification') return;
  const at = answers.targets.findIndex((y) => !Number.isFinite(y));
  if (at < 0) return;
  throw new NtkcError({ what: `target ${at} is ${answers.targets[at]}`, expected: 'finite numbers' });
}

function requireInputs(x: Float64Array, n: number, d: number): void {
  if (n < 1 || d < 1 || x.length !== n * d) {
    throw new NtkcError({
      what: `the inputs have ${x.length} numbers`,
      expected: `n·d for n = ${n} >= 1, d = ${d} >= 1`,
    });
  }
  const at = x.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const where = `x[${Math.floor(at / d)}][${at % d}]`;
  throw new NtkcError({ what: `the inputs hold ${x[at]}`, where, expected: 'finite numbers' });
}

function requireSize(k: Float64Array, rows: number, columns: number): Float64Array {
  if (k.length === rows * columns) return k;
  throw new NtkcError({ what: `the kernel gave ${k.length} entries`, expected: `${rows} x ${columns}` });
}
