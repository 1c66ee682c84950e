/** What a cross-validation found, for people and for machines. */
import { alignedTable, plural } from '../../alignedTable.ts';
import type { LabelledTable } from '../../runtime/io/index.ts';
import type { CrossValidated, Summary } from '../../runtime/predict/index.ts';
import type { FitOptions } from './fit.ts';

interface Scored {
  readonly network: string;
  readonly options: FitOptions;
  readonly table: LabelledTable;
  readonly scores: CrossValidated;
}

export function scoreText({ network, options, table, scores }: Scored): string {
  const { kernel, ridge, folds, seed, data } = options;
  const classes = classCounts(table);
  const without = options.drop === undefined ? '' : ` (without ${options.drop.join(', ')})`;
  const kinds = classes === undefined ? '' : `, ${plural(classes.size, 'class', 'classes')}`;
  const lines = [
    `${data}: ${plural(table.n, 'row')}, ${plural(table.d, 'feature')}${without}${kinds}; predicting ${table.labelName}`,
    `${kernel} of ${network}, ridge ${ridge.value} (${ridge.kind}), ${folds} folds, seed ${seed}`,
    '',
    ...(scores.task === 'classification' ? accuracyRows(scores, table) : errorRows(scores)),
  ];
  return `${lines.join('\n')}\n`;
}

function accuracyRows(scores: CrossValidated & { task: 'classification' }, table: LabelledTable): readonly string[] {
  const rows = scores.folds.flatMap((f) => (f.task === 'classification' ? [[...sizes(f), percent(f.accuracy)]] : []));
  const { mean, standardError } = scores.accuracy;
  return [
    ...alignedTable([['fold', 'train', 'test', 'accuracy'], ...rows], { right: [0, 1, 2, 3] }),
    '',
    `accuracy        ${percent(mean)} ± ${percent(standardError)} (mean and standard error over folds)`,
    `majority class  ${percent(majorityShare(table))} (always predicting the most frequent class)`,
  ];
}

function errorRows(scores: CrossValidated & { task: 'regression' }): readonly string[] {
  const [rmse, r2] = [writerOf(scores.rmse), writerOf(scores.r2 ?? scores.rmse)];
  const rows = scores.folds.flatMap((f) =>
    f.task === 'regression' ? [[...sizes(f), rmse.value(f.rmse), f.r2 === undefined ? '' : r2.value(f.r2)]] : [],
  );
  const lines = [
    { name: 'RMSE', summary: scores.rmse, writer: rmse, meaning: '(mean and standard error over folds)' },
    { name: 'R²', summary: scores.r2, writer: r2, meaning: '(0: as good as the mean; 1: exact)' },
  ].flatMap(({ summary, writer: { value, error }, ...rest }) =>
    summary === undefined ? [] : [{ ...rest, mean: value(summary.mean), error: error(summary.standardError) }],
  );
  const width = Math.max(...lines.map(({ mean }) => mean.length));
  return [
    ...alignedTable([['fold', 'train', 'test', 'RMSE', 'R²'], ...rows], { right: [0, 1, 2, 3, 4] }),
    '',
    ...alignedTable(
      lines.map(({ name, mean, error, meaning }) => [name, `${mean.padStart(width)} ± ${error}`, meaning]),
    ),
  ];
}

export function scoreJson({ network, options, table, scores }: Scored): unknown {
  const { kernel, ridge, seed, layerWeights, drop } = options;
  const classes = classCounts(table);
  return {
    network,
    kernel,
    ...(layerWeights !== undefined && { layerWeights }),
    ridge,
    seed,
    rows: table.n,
    features: table.featureNames,
    ...(drop !== undefined && { dropped: drop }),
    label: table.labelName,
    ...(classes !== undefined && { classes: Object.fromEntries(classes), majority: majorityShare(table) }),
    ...scores,
  };
}

/** Rows of each class, by the order of appearance; undefined for regression. */
function classCounts({ answers }: LabelledTable): ReadonlyMap<string, number> | undefined {
  if (answers.task !== 'classification') return undefined;
  const counts = new Map<string, number>();
  for (const label of answers.labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return counts;
}

const majorityShare = (table: LabelledTable): number => Math.max(...(classCounts(table)?.values() ?? [0])) / table.n;

const sizes = (f: { readonly fold: number; readonly trainRows: number; readonly testRows: number }) => [
  `${f.fold + 1}`,
  `${f.trainRows}`,
  `${f.testRows}`,
];
const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

interface Writer {
  readonly value: (v: number) => string;
  readonly error: (v: number) => string;
}

/** Numbers to as many decimals as show two digits of their standard error; four digits where it is 0. */
function writerOf({ mean, standardError }: Summary): Writer {
  const [size, digits] = standardError > 0 ? [standardError, 2] : [Math.abs(mean) || 1, 4];
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  if (decimals > 9 || Math.abs(mean) >= 1e9)
    return { value: (v) => v.toExponential(3), error: (v) => v.toExponential(1) };
  const value = (v: number) => v.toFixed(decimals);
  return { value, error: value };
}
