/** HTML as text; whatever comes from a network's declaration goes through `escapeHtml`. */

export interface RowGroup {
  /** Heads the group, over all columns. */
  readonly title?: string;
  readonly rows: readonly (readonly string[])[];
}

/** A table; titles and cells are HTML already. Columns named in `numeric` are set flush right. */
export function htmlTable(
  caption: string,
  head: readonly string[],
  groups: readonly RowGroup[],
  numeric: readonly number[] = [],
): string {
  const cell = (tag: 'td' | 'th', scope: string) => (text: string, c: number) =>
    `<${tag}${scope}${numeric.includes(c) ? ' class="number"' : ''}>${text}</${tag}>`;
  const body = ({ title, rows }: RowGroup) => [
    '<tbody>',
    ...(title === undefined ? [] : [`<tr><th colspan="${head.length}" scope="rowgroup">${title}</th></tr>`]),
    ...rows.map((row) => `<tr>${row.map(cell('td', '')).join('')}</tr>`),
    '</tbody>',
  ];
  return [
    '<div class="scroll"><table>',
    `<caption>${caption}</caption>`,
    `<thead><tr>${head.map(cell('th', ' scope="col"')).join('')}</tr></thead>`,
    ...groups.flatMap(body),
    '</table></div>',
  ].join('\n');
}

export const figure = (svg: string, caption: string): string =>
  `<figure><div class="scroll">${svg}</div><figcaption>${caption}</figcaption></figure>`;

export const styles = `
:root { color-scheme: light dark; --line: #d0d7de; --soft: #57606a; --card: #f6f8fa; --ground: #ffffff; --ink: #1f2328;
  --good: #1a7f37; --bad: #c4232f; --onBadge: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --line: #30363d; --soft: #9198a1; --card: #161b22; --ground: #0d1117; --ink: #e6edf3;
    --good: #3fb950; --bad: #f85149; --onBadge: #0d1117; }
}
body { margin: 0 auto; padding: 1.5rem 2rem 3rem; max-width: 66rem; font: 16px/1.5 system-ui, sans-serif;
  background: var(--ground); color: var(--ink); }
h1 { font-size: 1.5rem; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 1.25rem 0 0.25rem; }
p { margin: 0 0 0.6rem; max-width: 46rem; }
pre, code { font-family: ui-monospace, monospace; font-size: 0.85rem; }
pre { overflow-x: auto; margin: 0.5rem 0; padding: 0.6rem 0.8rem; background: var(--card); border: 1px solid var(--line); border-radius: 6px; }
.verdict { border: 1px solid var(--line); border-left: 8px solid; border-radius: 6px; background: var(--card); padding: 0.8rem 1rem; }
.verdict p:last-child { margin: 0; }
.verdict.good { border-left-color: var(--good); }
.verdict.bad { border-left-color: var(--bad); }
.verdict strong { font-size: 1.15rem; }
.good > strong, .yes { color: var(--good); }
.bad > strong, .no { color: var(--bad); }
.yes, .no { font-weight: 600; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.875rem; margin: 0.5rem 0 1rem; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.25rem 0.75rem 0.25rem 0; border-bottom: 1px solid var(--line); }
th { font-weight: 600; }
th[scope=rowgroup] { padding-top: 0.75rem; }
th .soft { font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
small, .soft { color: var(--soft); font-size: 0.8125rem; }
figure { margin: 1rem 0 1.5rem; }
figure svg { max-width: none; }
figcaption { color: var(--soft); font-size: 0.875rem; max-width: 46rem; }
summary { cursor: pointer; }
@media print { figure, tr { break-inside: avoid; } }
`;
