import { printProgram } from '../../ir/program/index.ts';
import type { Derivation } from '../derivation.ts';
import { escapeHtml } from './escapeHtml.ts';
import { inputText, kernelName, networkLines, outputLines, stepTitle, weightsLine } from './head.ts';
import { align, lineTex, stepTex, valuesTex } from './latex.ts';
import type { ExplainedStep } from './lines.ts';
import { explainParts, type StepLoop } from './loops.ts';
import { htmlPage, texRenderer } from './page.ts';
import { recursion } from './recursion.ts';

/** The derivation as one HTML file. */
export async function toHtml(derivation: Derivation): Promise<string> {
  const render = await texRenderer();
  const display = (lines: readonly string[]) => `<div class="formula">${render(align(lines), true)}</div>`;
  const inline = (tex: string) => render(tex, false);
  const parts = explainParts(derivation);
  const steps = parts.flatMap((part) => ('steps' in part ? part.steps : part));
  const title = `${kernelName(derivation)} of ${derivation.network.name}`;
  return htmlPage(title, contents(steps), [
    `<h1>${escapeHtml(title)}</h1>`,
    networkSection(derivation, inline),
    recursionSection(derivation, display, inline),
    ...partSections(parts, display, inline),
    `<section id="result"><h2>Result</h2>${display(outputLines(derivation).map(lineTex))}</section>`,
    `<details><summary>Kernel program</summary><pre>${escapeHtml(printProgram(derivation.program))}</pre></details>`,
  ]);
}

function contents(steps: readonly ExplainedStep[]): string {
  const items = steps.map(
    (s, i) =>
      `<li><a href="#step-${i + 1}"><code>${escapeHtml(s.path)}</code> ${escapeHtml(s.path === s.op ? '' : s.op)}</a></li>`,
  );
  return `<ol>${items.join('')}<li><a href="#result">Result</a></li></ol>`;
}

function networkSection(d: Derivation, inline: (tex: string) => string): string {
  const weights = weightsLine(d);
  const lines = [`input  ${inputText(d)}`, ...networkLines(d)];
  return [
    `<section><h2>Network</h2><pre>${escapeHtml(lines.join('\n'))}</pre>`,
    weights === undefined ? '' : `<p>Layer weights (defaults): ${inline(weights.tex)}</p>`,
    '</section>',
  ].join('');
}

function recursionSection(
  d: Derivation,
  display: (lines: readonly string[]) => string,
  inline: (tex: string) => string,
): string {
  const general = recursion(d);
  if (general === undefined) return '';
  const note = general.note
    .split('$')
    .map((part, i) => (i % 2 === 1 ? inline(part) : escapeHtml(part)))
    .join('');
  return `<section><h2>Recursion</h2><p>${note} <cite>${escapeHtml(general.source)}</cite></p>${display(general.lines)}</section>`;
}

function partSections(
  parts: readonly (ExplainedStep | StepLoop)[],
  display: (lines: readonly string[]) => string,
  inline: (tex: string) => string,
): readonly string[] {
  let count = 0;
  return parts.map((part) => {
    if (!('steps' in part)) return stepSection(part, count++, display);
    const heading = `<h2><code>${escapeHtml(part.path)}</code> the same ${part.times} times</h2>`;
    const values = `<p>For ${inline(valuesTex(part).slice(1, -1))}:</p>`;
    const initial = part.initial.length === 0 ? '' : `<p>Where</p>${display(part.initial.map(lineTex))}`;
    const steps = part.steps.map((step) => stepSection(step, count++, display));
    return `<section class="loop">${heading}${values}${initial}${steps.join('')}</section>`;
  });
}

function stepSection(step: ExplainedStep, i: number, display: (lines: readonly string[]) => string): string {
  const lines = stepTex(step);
  const [path, ...rest] = stepTitle(step).split('  ');
  return [
    `<section id="step-${i + 1}"><h2><code>${escapeHtml(path as string)}</code> ${escapeHtml(rest.join(' '))}</h2>`,
    `<p><cite>${escapeHtml(step.source)}</cite></p>`,
    lines.length === 0 ? '' : display(lines),
    ...step.notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    '</section>',
  ].join('');
}
