import { CsvError, parse } from 'csv-parse/sync';
import { NtkcError } from '../../errors.ts';

export interface CsvRow {
  readonly cells: readonly string[];
  /** Counted from 1, in the file; the last one of a row whose quotes span lines. */
  readonly line: number;
}

export interface CsvRows {
  readonly header: readonly string[];
  readonly rows: readonly CsvRow[];
}

/**
 * A comma-separated table with a header row as text cells, trimmed; blank lines are skipped.
 * Throws NtkcError naming file and line: nothing in the file, no rows, ragged rows, unnamed or repeated columns, open quotes.
 */
export function parseCsvRows(text: string, file: string): CsvRows {
  const [head, ...rows] = splitRows(text, file);
  if (head === undefined) {
    throw new NtkcError({ what: 'the file is empty', where: file, expected: 'a header row and data rows' });
  }
  requireNames(head, file);
  if (rows.length === 0) {
    throw new NtkcError({
      what: 'empty data: no rows after the header',
      where: file,
      expected: 'at least one data row',
    });
  }
  const width = head.cells.length;
  const ragged = rows.find((row) => row.cells.length !== width);
  if (ragged === undefined) return { header: head.cells, rows };
  throw new NtkcError({
    what: `ragged rows: this one has ${ragged.cells.length} cells`,
    where: `${file}, line ${ragged.line}`,
    expected: `${width} cells, as in the header`,
  });
}

function splitRows(text: string, file: string): readonly CsvRow[] {
  try {
    const options = { bom: true, trim: true, skip_empty_lines: true, relax_column_count: true, info: true } as const;
    const records: readonly unknown[] = parse(text, options);
    return records.map(asRow);
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error.lines === 'number' ? `, line ${error.lines}` : '';
    throw new NtkcError({
      what: `not valid CSV: ${error.message.replace(/ at line \d+|, opening quote at line \d+/g, '')}`,
      where: `${file}${line}`,
      next: 'Check the quotes: a quoted cell begins and ends with ", and a " inside it is doubled.',
    });
  }
}

/** With `info`, csv-parse gives { record, info } where its types say string[]. */
function asRow(value: unknown): CsvRow {
  const { record, info } = value as { readonly record: readonly string[]; readonly info: { readonly lines: number } };
  return { cells: record, line: info.lines };
}

function requireNames({ cells, line }: CsvRow, file: string): void {
  const where = `${file}, line ${line}`;
  const unnamed = cells.indexOf('');
  if (unnamed >= 0) {
    throw new NtkcError({ what: `column ${unnamed + 1} of the header has no name`, where, next: 'Name every column.' });
  }
  const repeated = cells.find((name, i) => cells.indexOf(name) < i);
  if (repeated !== undefined) {
    throw new NtkcError({ what: `two columns are called ${repeated}`, where, next: 'Give every column its own name.' });
  }
}
