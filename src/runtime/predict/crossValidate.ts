import type { Answers } from '../io/csv.ts';
import { type FitOptions, fit, predict, requireData, type TrainingData } from './fit.ts';
import { type Fold, kFold } from './folds.ts';
import { codingOf, type Prediction } from './targets.ts';

export interface CrossValidation extends TrainingData, Omit<FitOptions, 'coding'> {
  readonly folds: number;
  readonly seed: number;
  /** Called after each fold, in order. */
  readonly onFold?: (score: FoldScore) => void;
}

interface FoldSize {
  /** Counted from 0. */
  readonly fold: number;
  readonly trainRows: number;
  readonly testRows: number;
}

export type FoldScore =
  | (FoldSize & { readonly task: 'classification'; readonly accuracy: number })
  | (FoldSize & { readonly task: 'regression'; readonly rmse: number; readonly r2: number | undefined });

/** Mean over folds and its standard error, s/√folds: folds share training rows, so this is somewhat too small. */
export interface Summary {
  readonly mean: number;
  readonly standardError: number;
}

export type CrossValidated =
  | { readonly task: 'classification'; readonly folds: readonly FoldScore[]; readonly accuracy: Summary }
  | {
      readonly task: 'regression';
      readonly folds: readonly FoldScore[];
      readonly rmse: Summary;
      /** Undefined if a fold's test targets are all equal (one row, for instance). */
      readonly r2: Summary | undefined;
    };

/**
 * Cross-validated accuracy (0 to 1), or RMSE and R². Standardisation and the mean of numeric targets are fitted on each
 * training fold alone, so the Gram matrix is computed anew for each. R² = 1 − Σ(y−f)²/Σ(y−mean of the test fold)².
 * Throws NtkcError as `fit` and `kFold` do.
 */
export async function crossValidate(options: CrossValidation): Promise<CrossValidated> {
  requireData(options);
  const scores: FoldScore[] = [];
  for (const [index, fold] of kFold(options.n, options.folds, options.seed).entries()) {
    const score = await scoreFold(options, fold, index);
    scores.push(score);
    options.onFold?.(score);
  }
  return summarise(scores, options.answers.task);
}

async function scoreFold(options: CrossValidation, { train, test }: Fold, fold: number): Promise<FoldScore> {
  const { kernel, ridge, answers } = options;
  // A training fold may lack a rare class; its score is then constant, and the other classes keep their columns.
  const coding = answers.task === 'classification' ? { coding: codingOf(answers) } : {};
  const fitted = await fit(rowsOf(options, train), {
    kernel,
    ridge,
    standardise: options.standardise ?? true,
    ...coding,
  });
  const held = rowsOf(options, test);
  const prediction = await predict(fitted, held.x, test.length, kernel);
  const size = { fold, trainRows: train.length, testRows: test.length };
  return { ...size, ...scoreOf(prediction, held.answers) };
}

type Score =
  | { readonly task: 'classification'; readonly accuracy: number }
  | { readonly task: 'regression'; readonly rmse: number; readonly r2: number | undefined };

function scoreOf(prediction: Prediction, truth: Answers): Score {
  if (prediction.task === 'classification' && truth.task === 'classification') {
    const hits = prediction.labels.filter((label, i) => label === truth.labels[i]).length;
    return { task: 'classification', accuracy: hits / truth.labels.length };
  }
  if (prediction.task === 'regression' && truth.task === 'regression') {
    const y = truth.targets;
    const center = meanOf(Array.from(y));
    const error = sum(y.map((v, i) => (v - prediction.values[i]!) ** 2));
    const spread = sum(y.map((v) => (v - center) ** 2));
    return { task: 'regression', rmse: Math.sqrt(error / y.length), r2: spread > 0 ? 1 - error / spread : undefined };
  }
  throw new Error(`ntkc bug: ${prediction.task} scored as ${truth.task}`);
}

function rowsOf({ x, d, answers }: TrainingData, rows: readonly number[]): TrainingData {
  const picked = new Float64Array(rows.length * d);
  for (const [i, row] of rows.entries()) picked.set(x.subarray(row * d, (row + 1) * d), i * d);
  const own: Answers =
    answers.task === 'classification'
      ? { task: 'classification', labels: rows.map((row) => answers.labels[row]!) }
      : { task: 'regression', targets: Float64Array.from(rows, (row) => answers.targets[row]!) };
  return { x: picked, n: rows.length, d, answers: own };
}

function summarise(folds: readonly FoldScore[], task: Answers['task']): CrossValidated {
  if (task === 'classification') {
    return { task, folds, accuracy: summary(folds.flatMap((f) => (f.task === 'classification' ? [f.accuracy] : []))) };
  }
  const regression = folds.flatMap((f) => (f.task === 'regression' ? [f] : []));
  const r2 = regression.flatMap((f) => (f.r2 === undefined ? [] : [f.r2]));
  return {
    task,
    folds,
    rmse: summary(regression.map((f) => f.rmse)),
    r2: r2.length === folds.length ? summary(r2) : undefined,
  };
}

function summary(values: readonly number[]): Summary {
  const mean = meanOf(values);
  const variance = sum(values.map((v) => (v - mean) ** 2)) / (values.length - 1);
  return { mean, standardError: Math.sqrt(variance / values.length) };
}

const sum = (values: Iterable<number>) => Array.from(values).reduce((total, v) => total + v, 0);
const meanOf = (values: readonly number[]) => sum(values) / values.length;
