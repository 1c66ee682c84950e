/** Aligned columns for people. */

/** Lines of a table, cells padded; columns named in `right` (counted from 0) end flush. */
export function alignedTable(
  rows: readonly (readonly string[])[],
  options: { readonly right?: readonly number[]; readonly indent?: string } = {},
): readonly string[] {
  const { right = [], indent = '' } = options;
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, c) => Math.max(...rows.map((row) => [...(row[c] ?? '')].length)));
  return rows.map((row) => {
    const cells = row.map((cell, c) => {
      const padding = ' '.repeat((widths[c] ?? 0) - [...cell].length);
      return right.includes(c) ? padding + cell : cell + padding;
    });
    return (indent + cells.join('  ')).trimEnd();
  });
}

/** 3 layers, 1 layer. */
export const plural = (count: number, noun: string, many = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : many}`;
