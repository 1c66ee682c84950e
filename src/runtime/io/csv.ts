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

interface TableOptions {
  readonly file: string;
  readonly label: string;
  readonly task?: TaskChoice;
  /** Columns that are no features: names, cities, dates. */
  readonly drop?: readonly string[];
}

/**
 * A labelled table: every column but `label` and those to `drop` is a numeric feature. With task `auto`, labels are classes
 * if one is not a number or all are integers with at most 20 distinct values; otherwise numbers. Numeric class names are
 * written in one way (1.0 is class "1"). Throws NtkcError naming file, line and column.
 */
export function parseTable(text: string, options: TableOptions): LabelledTable {
  const { file, label, drop = [] } = options;
  const { header, rows } = parseCsvRows(text, file);
  const answers = readAnswers(rows, labelAt(header, label, file), options);
  const featureNames = featuresOf(header, label, drop, file);
  const advice = (column: string) => {
    const texts = featureNames.filter((name) => name === column || isText(rows, header.indexOf(name)));
    return `Encode it as numbers, or drop it (--drop ${texts.join(',')}).`;
  };
  return { ...readColumns(rows, header, featureNames, { file, advice }), labelName: label, answers };
}

/** No cell of the column is a number. */
const isText = (rows: readonly CsvRow[], at: number): boolean => !rows.some(({ cells }) => isDecimal(cells[at]!));

/** The answers of a table alone, whatever its other columns hold. Throws NtkcError as `parseTable` does. */
export function parseAnswers(text: string, options: Omit<TableOptions, 'drop'>): Answers {
  const { header, rows } = parseCsvRows(text, options.file);
  return readAnswers(rows, labelAt(header, options.label, options.file), options);
}

function labelAt(header: readonly string[], label: string, file: string): number {
  const at = header.indexOf(label);
  if (at >= 0) return at;
  throw missingColumns(`there is no label column ${label}`, `one of the columns ${header.join(', ')}`, header, file);
}

function featuresOf(
  header: readonly string[],
  label: string,
  drop: readonly string[],
  file: string,
): readonly string[] {
  if (drop.includes(label))
    throw new NtkcError({
      what: `the label column ${label} is to be dropped`,
      where: file,
      expected: 'another column',
    });
  const others = header.filter((name) => name !== label);
  const unknown = drop.filter((name) => !header.includes(name));
  if (unknown.length > 0)
    throw missingColumns(
      `there is no column ${unknown.join(', ')} to drop`,
      `some of the columns ${others.join(', ')}`,
      header,
      file,
    );
  const features = others.filter((name) => !drop.includes(name));
  if (features.length > 0) return features;
  throw new NtkcError({
    what: `there are no features beside the label column ${label}${drop.length > 0 ? ' and what is dropped' : ''}`,
    where: file,
    expected: 'at least one more column',
  });
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
  return readColumns(rows, header, featureNames, { file, advice: () => 'Encode it as in the rows of the fit.' });
}

/** Where cells are from, and what to do about a column with a word in it. */
interface Cells {
  readonly file: string;
  readonly advice: (column: string) => string;
}

function readColumns(
  rows: readonly CsvRow[],
  header: readonly string[],
  featureNames: readonly string[],
  cells: Cells,
): Features {
  const columns = featureNames.map((name) => ({ name, at: header.indexOf(name) }));
  const [n, d] = [rows.length, columns.length];
  const x = new Float64Array(n * d);
  for (const [i, row] of rows.entries()) {
    for (const [k, { name, at }] of columns.entries()) x[i * d + k] = readNumber(row, at, name, cells);
  }
  return { x, n, d, featureNames };
}

function readAnswers(rows: readonly CsvRow[], at: number, { file, label, task = 'auto' }: TableOptions): Answers {
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
  const advice = () => 'Name a label column of numbers, or leave the task to auto.';
  return {
    task: 'regression',
    targets: Float64Array.from(rows, (row) => readNumber(row, at, label, { file, advice })),
  };
}

const nonFinite = /^[+-]?(nan|inf|infinity)$/i;

function readNumber(row: CsvRow, at: number, column: string, { file, advice }: Cells): number {
  const cell = row.cells[at]!;
  const value = isDecimal(cell) ? Number(cell) : Number.NaN;
  if (Number.isFinite(value)) return value;
  if (cell === '') throw badCell(row, column, file, 'is empty', 'a number', 'Fill it in or drop the row.');
  if (isDecimal(cell) || nonFinite.test(cell))
    throw badCell(row, column, file, `${cell} is not finite`, 'a finite number');
  throw badCell(row, column, file, `"${cell.slice(0, 40)}" is not a number`, 'a number', advice(column));
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
