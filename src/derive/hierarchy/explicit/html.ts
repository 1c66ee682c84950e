import { escapeHtml } from '../../explain/escapeHtml.ts';
import { styles } from '../../explain/styles.ts';
import type { Head } from './json.ts';
import type { HierarchyGroup } from './lines.ts';
import { left, lineTex, size } from './print.ts';
import type { Symbols } from './symbols.ts';
import { writeHeading, writeLine } from './write.ts';

/** The hierarchy as one HTML file: formulas in MathML, no script, no font, nothing loaded from anywhere. */
export async function toHtml(head: Head, groups: readonly HierarchyGroup[], symbols: Symbols): Promise<string> {
  const { renderToString } = await import('katex');
  const render = (tex: string, displayMode: boolean) =>
    renderToString(tex, { output: 'mathml', displayMode, throwOnError: true, strict: 'error', trust: false });
  const title = escapeHtml(`K${head.order} of ${head.name}`);
  const sections = groups.map((group, g) => {
    const lines = group.lines.map((line) => render(`+\\, ${lineTex(writeLine(line, symbols))}`, true));
    const heading = render(writeHeading(group, symbols).tex, false);
    return `<section id="group-${g + 1}"><h2>${heading}</h2>${lines.map((l) => `<div class="formula">${l}</div>`).join('')}</section>`;
  });
  const contents = groups.map((group, g) => {
    const count = group.lines.length;
    return `<li><a href="#group-${g + 1}">${render(writeHeading(group, symbols).tex, false)}</a>${count === 1 ? '' : ` (${count})`}</li>`;
  });
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title>`,
    `<style>${styles}</style>`,
    '</head>',
    '<body>',
    `<nav aria-label="Contents"><ol>${contents.join('')}</ol></nav>`,
    '<main>',
    `<h1>${title}: ${size(head, groups)}</h1>`,
    `<section><ul>${head.legend.map((entry) => `<li>${escapeHtml(entry)}</li>`).join('')}</ul></section>`,
    `<section>${render(`${left(head).tex} = ${groups.length === 0 ? '0' : ''}`, true)}</section>`,
    ...sections,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
