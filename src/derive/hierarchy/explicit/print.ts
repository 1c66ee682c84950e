/** The whole hierarchy as text and as LaTeX. */
import type { Head } from './json.ts';
import type { HierarchyGroup } from './lines.ts';
import { type Symbols, sampleName, type Written } from './symbols.ts';
import { type LineParts, writeHeading, writeLine } from './write.ts';

export interface LatexOptions {
  /** A whole document (amsmath, amssymb) instead of a snippet to \input. Default false. */
  readonly document?: boolean;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

export const size = ({ terms }: Head, groups: readonly HierarchyGroup[]): string => {
  const lines = groups.reduce((sum, group) => sum + group.lines.length, 0);
  return `${plural(terms, 'term')}${lines === terms ? '' : ` on ${plural(lines, 'line')}`}`;
};

export function left({ order }: Head): Written {
  const samples = Array.from({ length: order }, (_, sample) => sampleName(sample));
  return {
    text: `K${order}(${samples.map(({ text }) => `x_${text}`).join(', ')})`,
    tex: `K^{(${order})}(${samples.map(({ tex }) => `\\mathbf{x}_{${tex}}`).join(', ')})`,
  };
}

export function toText(head: Head, groups: readonly HierarchyGroup[], symbols: Symbols): string {
  const line = ({ scale, prefactor, body }: LineParts) =>
    [scale, ...(prefactor === undefined ? [] : [prefactor]), ...body].map(({ text }) => text).join(' · ');
  return [
    `K${head.order} of ${JSON.stringify(head.name)}: ${size(head, groups)}`,
    '',
    ...head.legend.map((entry) => `  ${entry}`),
    '',
    `${left(head).text} =${groups.length === 0 ? ' 0' : ''}`,
    ...groups.flatMap((group) => [
      '',
      `  [${writeHeading(group, symbols).text}]`,
      ...group.lines.map((l) => `  + ${line(writeLine(l, symbols))}`),
    ]),
    '',
  ].join('\n');
}

export function toLatex(
  head: Head,
  groups: readonly HierarchyGroup[],
  symbols: Symbols,
  { document = false }: LatexOptions,
): string {
  const rows = groups.flatMap((group) => group.lines.map((l) => `  &\\quad + ${lineTex(writeLine(l, symbols))}`));
  const body = [
    `% ntkc: K${head.order} of ${printable(JSON.stringify(head.name))}, ${size(head, groups)}`,
    ...head.legend.map((entry) => `% ${entry}`),
    '\\begin{align*}',
    [`  &${left(head).tex}${rows.length === 0 ? ' = 0' : ' ='}`, ...rows].join(' \\\\\n'),
    '\\end{align*}',
  ].join('\n');
  if (!document) return body;
  const packages = [
    '\\documentclass{article}',
    '\\usepackage{amsmath,amssymb}',
    '\\allowdisplaybreaks',
    '\\begin{document}',
  ];
  return [...packages, body, '\\end{document}', ''].join('\n');
}

export const lineTex = ({ scale, prefactor, body }: LineParts): string =>
  [scale, ...(prefactor === undefined ? [] : [prefactor]), ...body].map(({ tex }) => tex).join(' \\cdot ');

/** What the user wrote stays on its line. */
const printable = (s: string): string => s.replace(/\p{Cc}/gu, ' ');
