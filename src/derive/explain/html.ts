import { printProgram } from '../../ir/program/index.ts';
import type { Derivation } from '../derivation.ts';
import { escapeHtml } from './escapeHtml.ts';
import { inputText, kernelName, networkLines, outputLines, stepTitle, weightsLine } from './head.ts';
import { align, lineTex, stepTex, valuesTex } from './latex.ts';
import type { ExplainedStep } from './lines.ts';
import { explainParts, type StepLoop } from './loops.ts';
import { recursion } from './recursion.ts';
import { styles } from './styles.ts';

/** The derivation as one HTML file: formulas in MathML, no script, no font, nothing loaded from anywhere. */
export async function toHtml(derivation: Derivation): Promise<string> {
  const { renderToString } = await import('katex');
  const render = (tex: string, displayMode: boolean) =>
    withPlainLetters(
      renderToString(tex, { output: 'mathml', displayMode, throwOnError: true, strict: 'error', trust: false }),
    );
  const display = (lines: readonly string[]) => `<div class="formula">${render(align(lines), true)}</div>`;
  const inline = (tex: string) => render(tex, false);
  const parts = explainParts(derivation);
  const steps = parts.flatMap((part) => ('steps' in part ? part.steps : part));
  const heading = escapeHtml(`${kernelName(derivation)} of ${derivation.network.name}`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${heading}</title>`,
    `<style>${styles}</style>`,
    '</head>',
    '<body>',
    `<nav aria-label="Contents">${contents(steps)}</nav>`,
    '<main>',
    `<h1>${heading}</h1>`,
    networkSection(derivation, inline),
    recursionSection(derivation, display, inline),
    ...partSections(parts, display, inline),
    `<section id="result"><h2>Result</h2>${display(outputLines(derivation).map(lineTex))}</section>`,
    `<details><summary>Kernel program</summary><pre>${escapeHtml(printProgram(derivation.program))}</pre></details>`,
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** MathML Core knows no mathvariant but normal: 𝔼 and 𝒩 must be letters of their own. */
const withPlainLetters = (mathml: string): string =>
  mathml
    .replaceAll('<mi mathvariant="double-struck">E</mi>', '<mi>𝔼</mi>')
    .replaceAll('<mi mathvariant="script">N</mi>', '<mi>𝒩</mi>');

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
    lines.length === 0 ? '<p>No value of this step is needed.</p>' : display(lines),
    ...step.notes.map((note) => `<p>${escapeHtml(note)}</p>`),
    '</section>',
  ].join('');
}
