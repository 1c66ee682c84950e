/** Widest line of an emitted module, indentation included. */
export const lineWidth = 120;

/** Indentation of statements: inside the function, inside tf.tidy. */
export const bodyDepth = 4;

/** `open item, item, ... close` on one line if it fits, else the items on lines of their own, as many a line as fit. */
export function listLines(open: string, items: readonly string[], close: string, indent: number): readonly string[] {
  const one = `${open}${items.join(', ')}${close}`;
  if (indent + one.length <= lineWidth) return [one];
  return [
    open.trimEnd(),
    ...filled(
      items.map((item) => `${item},`),
      indent + 2,
    ).map((l) => `  ${l}`),
    close.trimStart(),
  ];
}

/** Words over as many lines as they need. */
export function filled(words: readonly string[], indent: number, width: number = lineWidth): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last === undefined || indent + last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
