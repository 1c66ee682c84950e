/** Text of statements whose value at a cell reads other values at this cell: p, or p and r with cell = [p r]. */
import { atX, atY, type Expand, positionsOf, resolve, type Span } from '../../../../ir/program/index.ts';
import { ExpressionPrinter } from '../expression.ts';
import type { CellStatement, Run } from './steps.ts';

/** What the text of a run needs to know of the values around it. */
export interface Around {
  /** What the values have that have positions. */
  readonly spans: ReadonlyMap<string, Span>;
  /** Those of them that are arrays; the others are numbers inside one loop. */
  readonly stored: ReadonlySet<string>;
  readonly expansions: ReadonlyMap<string, Expand>;
  /** Functions that the text calls. */
  readonly helpers: Set<string>;
}

/** A run as a loop over its cells, or as constants where its values are numbers. */
export function runLines(run: Run, around: Around): readonly string[] {
  const { grid } = run;
  const expressions = run.statements.flatMap((s) => (s.kind === 'map' ? [s.expr] : []));
  const symbol = (name: string) => symbolText(name, run, around);
  const printer = new ExpressionPrinter(expressions, symbol);
  const lines = run.statements.flatMap((s) => {
    const { declarations, text } =
      s.kind === 'map' ? printer.print(s.expr) : { declarations: [], text: valueText(s, run, around) };
    const value =
      'diagonal' in s && s.diagonal !== undefined
        ? `p === r ? ${endText(s.diagonal, s.diagonal, 'p', around)} : ${text}`
        : text;
    return [
      ...declarations,
      around.stored.has(s.name) ? `${s.name}[${cellOf(run)}] = ${value};` : `const ${s.name} = ${value};`,
    ];
  });
  for (const h of printer.helpers) around.helpers.add(h);
  if (grid === undefined) return lines;
  const n = positionsOf(grid.extents);
  if (grid.span === 'diagonal') return [`for (let p = 0; p < ${n}; p++) {`, ...lines.map((l) => `  ${l}`), '}'];
  return [
    `for (let p = 0, cell = 0; p < ${n}; p++) {`,
    `  for (let r = 0; r < ${n}; r++, cell++) {`,
    ...lines.map((l) => `    ${l}`),
    '  }',
    '}',
  ];
}

/** The index of what the run computes, and of a value of this span that it reads. */
const cellOf = ({ grid }: Run) => (grid?.span === 'all' ? 'cell' : 'p');
const cellIn = (run: Run, span: Span | undefined) =>
  span === 'diagonal' || run.grid === undefined
    ? 'p'
    : run.grid.span === 'all'
      ? 'cell'
      : `p * ${positionsOf(run.grid.extents) + 1}`;
/** The index of the second position. */
const secondOf = ({ grid }: Run) => (grid?.span === 'all' ? 'r' : 'p');

function symbolText(symbol: string, run: Run, around: Around): string {
  const { name, at } = run.domain === 'self' ? { name: symbol, at: 'here' } : resolve(symbol);
  if (at === 'here') return around.stored.has(name) ? `${name}[${cellIn(run, around.spans.get(name))}]` : name;
  return endText(name, run.domain === 'pair' ? symbol : name, at === 'x' ? 'p' : secondOf(run), around);
}

/** A self value called `text` at one position. */
const endText = (name: string, text: string, position: string, { spans }: Around) =>
  spans.has(name) ? `${text}[${position}]` : text;

function valueText(s: Exclude<CellStatement, { kind: 'map' }>, run: Run, around: Around): string {
  const second = secondOf(run);
  switch (s.kind) {
    case 'inner':
      return `${s.scale} * inner(x, p, ${s.domain === 'pair' ? 'y' : 'x'}, ${second})`;
    case 'onlyDiagonal': {
      const of = symbolText(s.of, run, around);
      return run.grid?.span === 'all' ? `p === r ? ${of} : 0` : of;
    }
    case 'dual': {
      const { expansion: e, covariance } = s;
      const k = symbolText(covariance, run, around);
      const [p, r] = run.grid === undefined ? ['0', '0'] : ['p', second];
      if (s.domain === 'self')
        return around.expansions.get(e)?.variance === covariance
          ? `${e}At.${s.order === 0 ? 'value' : 'slope'}.second[${p}]`
          : `${e}.${s.order === 0 ? 'selfKappa' : 'selfDotKappa'}(${k})`;
      const [x, y] = s.domain === 'pair' ? [atX(e), atY(e)] : [`${e}At`, `${e}At`];
      return `${e}.${s.order === 0 ? 'kappa' : 'dotKappa'}(${x}, ${p}, ${y}, ${r}, ${k})`;
    }
  }
}
