/** Aligned columns for people. */

export interface TableOptions {
  /** Columns, counted from 0, whose cells end flush. */
  readonly right?: readonly number[];
  /** Whether a rule of dashes follows the first row. Default false. */
  readonly ruled?: boolean;
}

/** Lines of a table, cells padded. */
export function alignedTable(
  rows: readonly (readonly string[])[],
  { right = [], ruled = false }: TableOptions = {},
): readonly string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, c) => Math.max(...rows.map((row) => columnsOf(row[c] ?? ''))));
  const lines = rows.map((row) => {
    const cells = row.map((cell, c) => {
      const padding = ' '.repeat((widths[c] as number) - columnsOf(cell));
      return right.includes(c) ? padding + cell : cell + padding;
    });
    return cells.join('  ').trimEnd();
  });
  const [head = '', ...body] = lines;
  return ruled ? [head, widths.map((w) => '-'.repeat(w)).join('  '), ...body] : lines;
}

/** Columns a terminal needs: combining dots take none. */
const columnsOf = (text: string): number => [...text.normalize('NFC')].filter((c) => !/\p{Mn}/u.test(c)).length;

/** 3 layers, 1 layer. */
export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : many}`;
