import { NtkcError } from '../../errors.ts';
import type { Answers } from '../io/csv.ts';

/** How the columns of Y stand for answers. */
export type Coding =
  | { readonly task: 'classification'; readonly classes: readonly string[] }
  | { readonly task: 'regression'; readonly targetMean: number };

/** Classification: one score a class, scores[m c], the largest wins (the first of equals). Regression: one value a row. */
export type Prediction =
  | { readonly task: 'classification'; readonly labels: readonly string[]; readonly scores: Float64Array }
  | { readonly task: 'regression'; readonly values: Float64Array };

export const outputsOf = (coding: Coding) => (coding.task === 'classification' ? coding.classes.length : 1);

/** Distinct labels: by value if all are numbers, else by their characters. Throws NtkcError if there is only one. */
export function classesOf(labels: readonly string[]): readonly string[] {
  const classes = [...new Set(labels)].sort();
  if (classes.length < 2) {
    throw new NtkcError({
      what: classes.length === 0 ? 'empty data: no labels' : `only one class: every label is ${classes[0]}`,
      expected: 'at least two different labels',
    });
  }
  const numeric = classes.every((label) => label !== '' && Number.isFinite(Number(label)));
  return numeric ? classes.sort((a, b) => Number(a) - Number(b)) : classes;
}

/** How to code these answers: classes in order, or the mean of the targets (of these rows only). */
export function codingOf(answers: Answers): Coding {
  if (answers.task === 'classification') return { task: 'classification', classes: classesOf(answers.labels) };
  const { targets } = answers;
  // A running mean: the sum of huge targets could overflow.
  const targetMean = targets.reduce((mean, y, i) => mean + (y / (i + 1) - mean / (i + 1)), 0);
  return { task: 'regression', targetMean };
}

/**
 * Y[n o], row-major. Classification, one-vs-rest: the one-hot label minus 1/classes, so that each row sums to 0 and a
 * prediction of 0 prefers no class. Regression: the target minus the training mean.
 *
 * @derived the usual least-squares classifier
 */
export function encode(answers: Answers, coding: Coding): Float64Array {
  if (answers.task === 'regression' && coding.task === 'regression') {
    return answers.targets.map((y) => y - coding.targetMean);
  }
  if (answers.task === 'classification' && coding.task === 'classification') {
    const { classes } = coding;
    const column = new Map(classes.map((name, c) => [name, c]));
    const y = new Float64Array(answers.labels.length * classes.length).fill(-1 / classes.length);
    for (const [i, label] of answers.labels.entries()) y[i * classes.length + column.get(label)!]! += 1;
    return y;
  }
  throw new Error(`ntkc bug: ${answers.task} answers in ${coding.task} coding`);
}

/** Outputs f[m o] of the regression as answers. */
export function decode(f: Float64Array, coding: Coding): Prediction {
  if (coding.task === 'regression') return { task: 'regression', values: f.map((v) => v + coding.targetMean) };
  const { classes } = coding;
  const labels = Array.from({ length: f.length / classes.length }, (_, i) => {
    const row = f.subarray(i * classes.length, (i + 1) * classes.length);
    return classes[row.reduce((best, v, c) => (v > row[best]! ? c : best), 0)]!;
  });
  return { task: 'classification', labels, scores: f };
}
