import type { Derivation } from '../derivation.ts';
import { inputText, kernelName, networkLines, outputLines, stepTitle, weightsLine } from './head.ts';
import { isDiagonal, type Line } from './line.ts';
import type { ExplainedStep } from './lines.ts';
import { explainParts, indexValues, type StepLoop } from './loops.ts';
import { recursion } from './recursion.ts';

export interface LatexOptions {
  /** A whole document (amsmath, amssymb) instead of a snippet to \input. Default false. */
  readonly document?: boolean;
}

/** The derivation in LaTeX: the recursion in the papers' notation, then one align* block a step. */
export function toLatex(derivation: Derivation, { document = false }: LatexOptions = {}): string {
  const body = [
    `% ntkc: ${oneLine(kernelName(derivation))} of ${oneLine(JSON.stringify(derivation.network.name))}`,
    `% input: ${inputText(derivation)}`,
    ...networkLines(derivation).map((l) => `% ${oneLine(l)}`),
    '',
    ...latexBlocks(derivation).flatMap(({ title, note, tex }) => [
      `\\paragraph{${escapeTex(title)}}${note === '' ? '' : ` ${note}`}`,
      ...(tex === '' ? [] : [tex]),
      '',
    ]),
  ].join('\n');
  return document ? wrapped(body, derivation) : body;
}

export interface LatexBlock {
  readonly title: string;
  /** LaTeX of the words after the title. */
  readonly note: string;
  /** An align* block, or empty. */
  readonly tex: string;
}

export function latexBlocks(derivation: Derivation): readonly LatexBlock[] {
  const general = recursion(derivation);
  const weights = weightsLine(derivation);
  return [
    ...(general === undefined
      ? []
      : [{ title: 'Recursion.', note: `${general.note} ${cited(general.source)}`, tex: align(general.lines) }]),
    ...(weights === undefined ? [] : [{ title: 'Layer weights', note: `(defaults): $${weights.tex}$.`, tex: '' }]),
    ...explainParts(derivation).flatMap((part) => ('steps' in part ? loopBlocks(part) : stepBlock(part))),
    { title: 'Result.', note: '', tex: align(outputLines(derivation).map(lineTex)) },
  ];
}

function stepBlock(step: ExplainedStep): LatexBlock {
  const lines = stepTex(step);
  const note = [cited(step.source), ...step.notes.map(escapeTex)].join(' ');
  return { title: `${stepTitle(step).replace('  ', ': ')}.`, note, tex: lines.length === 0 ? '' : align(lines) };
}

function loopBlocks(loop: StepLoop): readonly LatexBlock[] {
  const note = `the same ${loop.times} times, for ${valuesTex(loop)}:`;
  const tex = loop.initial.length === 0 ? '' : align(loop.initial.map(lineTex));
  return [
    { title: `${loop.path}:`, note: tex === '' ? note : `${note.slice(0, -1)}, where`, tex },
    ...loop.steps.map(stepBlock),
  ];
}

export const valuesTex = (loop: StepLoop): string => `$${loop.index} = ${indexValues(loop, '\\dots')}$`;

/** Lines of an align environment, without the environment. */
export const stepTex = (step: ExplainedStep): readonly string[] =>
  [...step.definitions, ...step.equations].filter((l) => l.right.tex.length > 0).map(lineTex);

const cited = (source: string): string => `[${escapeTex(source)}]`;

/** A line this long in TeX is wider than a page and is broken between its terms. */
const longTex = 225;

export function lineTex(line: Line): string {
  const { left, right } = line;
  const breaks = right.tex.length > 1 && right.tex.join(' ').length > longTex;
  const note = isDiagonal(line) ? ' && \\text{(diagonal)}' : '';
  return `${left.tex} &= ${right.tex.join(breaks ? ' \\\\\n  &\\quad {}' : ' ')}${note}`;
}

export const align = (lines: readonly string[]): string =>
  `\\begin{align*}\n${lines.map((l) => `  ${l}`).join(' \\\\\n')}\n\\end{align*}`;

/** Characters of a comment or heading that come from the user stay on their line. */
const oneLine = (s: string): string => s.replace(/\p{Cc}/gu, ' ');

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '·': '$\\cdot$',
  '²': '$^2$',
  φ: '$\\varphi$',
  '×': '$\\times$',
  '…': '\\dots{}',
  '∞': '$\\infty$',
  '§': '\\S{}',
};

/** Plain text for LaTeX; letters beyond Latin-1 become their code points, so that any engine compiles it. */
const escapeTex = (s: string): string =>
  oneLine(s).replace(/[\\{}~^·²φ×…∞§&%$#_]|[^\u0020-\u00ff]/gu, (c) => {
    const known = special[c];
    if (known !== undefined) return known;
    return c.codePointAt(0)! > 0xff ? `U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}` : `\\${c}`;
  });

function wrapped(body: string, derivation: Derivation): string {
  return [
    '\\documentclass{article}',
    '\\usepackage[T1]{fontenc}',
    '\\usepackage[utf8]{inputenc}',
    '\\usepackage{amsmath,amssymb}',
    '\\allowdisplaybreaks',
    '\\begin{document}',
    `\\section*{${kernelName(derivation)} of ${escapeTex(derivation.network.name)}}`,
    body,
    '\\end{document}',
    '',
  ].join('\n');
}
