import { NtkcError } from '../../errors.ts';
import { type CsvRow, parseCsvRows } from './csvRows.ts';
import { isDecimal } from './decimal.ts';

export type TaskChoice = 'auto' | 'classification' | 'regression';

/** What is to be predicted, one a row: class names, or numbers. */
export type Answers =
  | { readonly task: 'classification'; readonly labels: readonly string[] }
  | { readonly task: 'regression'; readonly targets: Float64Array };

/** Features x[n d], row-major. */
export interface Features {
  readonly x: Float64Array;
  readonly n: number;
  readonly d: number;
  readonly featureNames: readonly string[];
}

export interface LabelledTable extends Features {
  readonly labelName: string;
  readonly answers: Answers;
}

/** `auto`: at most this many distinct integers are classes, more are numbers to regress on. */
const maxIntegerClasses = 20;

/**
 * A labelled table: every column but `label` is a numeric feature. With task `auto`, labels are classes if one is not a
 * number or all are integers with at most 20 distinct values; otherwise numbers. Numeric class names are written in one
 * way (1.0 is class "1"). Throws NtkcError naming file, line and column.
 */
export function parseTable(text: string, options: { file: string; label: string; task?: TaskChoice }): LabelledTable {
  const { file, label, task = 'auto' } = options;
  const { header, rows } = parseCsvRows(text, file);
  const at = header.indexOf(label);
  if (at < 0)
    throw missingColumns(`there is no label column ${label}`, `one of the columns ${header.join(', ')}`, header, file);
  const featureNames = header.filter((name) => name !== label);
  if (featureNames.length === 0) {
    throw new NtkcError({
      what: `there are no features beside the label column ${label}`,
      where: file,
      expected: 'at least one more column',
    });
  }
  const answers = readAnswers(rows, at, { file, label, task });
  return { ...readColumns(rows, header, featureNames, file), labelName: label, answers };
}

/**
 * The named columns of a table, in the order of `featureNames`; other columns (a label, say) are left out.
 * Throws NtkcError naming missing columns, or file, line and column of a cell that is no finite number.
 */
export function parseFeatures(text: string, options: { file: string; featureNames: readonly string[] }): Features {
  const { file, featureNames } = options;
  const { header, rows } = parseCsvRows(text, file);
  const missing = featureNames.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    const expected = `the columns ${featureNames.join(', ')}; the table has ${header.join(', ')}`;
    throw missingColumns(`there is no feature column ${missing.join(', ')}`, expected, header, file);
  }
  return readColumns(rows, header, featureNames, file);
}

function readColumns(
  rows: readonly CsvRow[],
  header: readonly string[],
  featureNames: readonly string[],
  file: string,
): Features {
  const columns = featureNames.map((name) => ({ name, at: header.indexOf(name) }));
  const [n, d] = [rows.length, columns.length];
  const x = new Float64Array(n * d);
  for (const [i, row] of rows.entries()) {
    for (const [k, { name, at }] of columns.entries()) x[i * d + k] = readNumber(row, at, name, file);
  }
  return { x, n, d, featureNames };
}

interface LabelOptions {
  readonly file: string;
  readonly label: string;
  readonly task: TaskChoice;
}

function readAnswers(rows: readonly CsvRow[], at: number, { file, label, task }: LabelOptions): Answers {
  const cells = rows.map((row) => row.cells[at]!);
  const empty = rows.find((row) => row.cells[at] === '');
  if (empty !== undefined) throw badCell(empty, label, file, 'is empty', 'a label', 'Fill it in or drop the row.');
  const numeric = cells.every(isDecimal);
  const distinct = new Set<string | number>(numeric ? cells.map(Number) : cells).size;
  if (distinct === 1) throw oneClass(cells[0]!, file, label);
  const classes = !numeric || (distinct <= maxIntegerClasses && cells.every((cell) => Number.isInteger(Number(cell))));
  if (task === 'classification' || (task === 'auto' && classes)) {
    return { task: 'classification', labels: numeric ? cells.map((cell) => String(Number(cell))) : cells };
  }
  return { task: 'regression', targets: Float64Array.from(rows, (row) => readNumber(row, at, label, file)) };
}

const nonFinite = /^[+-]?(nan|inf|infinity)$/i;

function readNumber(row: CsvRow, at: number, column: string, file: string): number {
  const cell = row.cells[at]!;
  const value = isDecimal(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  if (cell === '') throw badCell(row, column, file, 'is empty', 'a number', 'Fill it in or drop the row.');
  if (isDecimal(cell) || nonFinite.test(cell))
    throw badCell(row, column, file, `${cell} is not finite`, 'a finite number');
  throw badCell(
    row,
    column,
    file,
    `"${cell.slice(0, 40)}" is not a number`,
    'a number',
    'Encode or drop this column first.',
  );
}

function badCell(row: CsvRow, column: string, file: string, what: string, expected: string, next?: string): NtkcError {
  const where = `${file}, line ${row.line}, column ${column}`;
  return new NtkcError({ what: `the cell ${what}`, where, expected, ...(next !== undefined && { next }) });
}

function missingColumns(what: string, expected: string, header: readonly string[], file: string): NtkcError {
  const separated = header.length === 1 && /[;\t]/.test(header[0]!);
  return new NtkcError({
    what,
    where: file,
    expected: separated ? 'cells separated by commas' : expected,
    next: separated ? 'Separate the cells by commas.' : 'Check the spelling; names are compared exactly.',
  });
}

const oneClass = (value: string, file: string, label: string) =>
  new NtkcError({
    what: `only one class: every label is ${value}`,
    where: `${file}, column ${label}`,
    expected: 'at least two different labels',
    next: 'Add rows of another class, or name another label column.',
  });
