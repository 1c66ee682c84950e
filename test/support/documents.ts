/** Fenced blocks of Markdown, and whether what was printed is what a block shows. */

export interface Block {
  /** e.g. "README.md:12". */
  readonly at: string;
  readonly lang: string;
  /** Words after the language: a file name, `run` or `illustrative`. */
  readonly info: string;
  readonly text: string;
}

/** Fenced blocks of a document, in order. @throws Error for one that does not end */
export function blocksOf(document: string, markdown: string): readonly Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const open = /^```(\S*) ?(.*)$/.exec(lines[i] as string);
    if (open === null) continue;
    const end = lines.indexOf('```', i + 1);
    if (end < 0) throw new Error(`${document}:${i + 1}: this block does not end`);
    const [, lang = '', info = ''] = open;
    blocks.push({ at: `${document}:${i + 1}`, lang, info: info.trim(), text: lines.slice(i + 1, end).join('\n') });
    i = end;
  }
  return blocks;
}

/** Numbers with a fraction in six significant digits, lines without trailing blanks. */
const normalised = (text: string): readonly string[] =>
  text
    .replace(/\d+\.\d+(e[+-]?\d+)?/g, (number) => Number(number).toPrecision(6))
    .replace(/[ \t]+$/gm, '')
    .replace(/^\n+|\n+$/g, '')
    .split('\n');

const lineMatches = (expected: string, actual: string): boolean =>
  new RegExp(`^${expected.split('…').map(escaped).join('.*')}$`, 'u').test(actual);
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** Whether an output block shows what was printed: … stands for anything, alone on a line for any lines. */
export function showsOutput(expected: string, actual: string): boolean {
  const [want, have] = [normalised(expected), normalised(actual)];
  // reachable: positions in `have` where the lines of `want` read so far may end.
  let reachable = new Set([0]);
  for (const line of want) {
    const next = new Set<number>();
    for (const j of reachable) {
      if (line.trim() === '…') for (let k = j; k <= have.length; k++) next.add(k);
      else if (j < have.length && lineMatches(line, have[j] as string)) next.add(j + 1);
    }
    reachable = next;
  }
  return reachable.has(have.length);
}
