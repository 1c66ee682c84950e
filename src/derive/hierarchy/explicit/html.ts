import { escapeHtml } from '../../explain/escapeHtml.ts';
import { htmlPage, texRenderer } from '../../explain/page.ts';
import type { Head } from './json.ts';
import type { HierarchyGroup } from './lines.ts';
import { left, lineTex, size } from './print.ts';
import type { Symbols } from './symbols.ts';
import { writeHeading, writeLine } from './write.ts';

/** The hierarchy as one HTML file. */
export async function toHtml(head: Head, groups: readonly HierarchyGroup[], symbols: Symbols): Promise<string> {
  const render = await texRenderer();
  const title = `K${head.order} of ${head.name}`;
  const sections = groups.map((group, g) => {
    const lines = group.lines.map((line) => render(`+\\, ${lineTex(writeLine(line, symbols))}`, true));
    const heading = render(writeHeading(group, symbols).tex, false);
    return `<section id="group-${g + 1}"><h2>${heading}</h2>${lines.map((l) => `<div class="formula">${l}</div>`).join('')}</section>`;
  });
  const contents = groups.map((group, g) => {
    const count = group.lines.length;
    return `<li><a href="#group-${g + 1}">${render(writeHeading(group, symbols).tex, false)}</a>${count === 1 ? '' : ` (${count})`}</li>`;
  });
  return htmlPage(title, `<ol>${contents.join('')}</ol>`, [
    `<h1>${escapeHtml(title)}: ${size(head, groups)}</h1>`,
    `<section><ul>${head.legend.map((entry) => `<li>${escapeHtml(entry)}</li>`).join('')}</ul></section>`,
    `<section>${render(`${left(head).tex} = ${groups.length === 0 ? '0' : ''}`, true)}</section>`,
    ...sections,
  ]);
}
