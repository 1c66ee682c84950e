import type { Derivation } from '../derivation.ts';
import { inputText, networkLines, outputLines, stepTitle, title, weightsLine } from './head.ts';
import { isDiagonal, type Line } from './line.ts';
import type { ExplainedStep } from './lines.ts';
import { explainParts, indexValues, type StepLoop } from './loops.ts';

const columns = 100;

/** The derivation as Unicode text, at most 100 columns where a line can be broken. */
export function toText(derivation: Derivation): string {
  const { kernel } = derivation;
  const weights = weightsLine(derivation);
  return [
    title(derivation),
    '',
    `input  ${inputText(derivation)}`,
    ...networkLines(derivation),
    ...(weights === undefined ? [] : ['', ...wrap(weights.text, '')]),
    '',
    ...explainParts(derivation).flatMap((part) => ('steps' in part ? loopText(part) : [...stepText(part), ''])),
    `${kernel === 'layerwise' ? 'Results' : 'Result'}`,
    ...outputLines(derivation).flatMap((l) => wrap(lineText(l), '  ')),
    '',
  ].join('\n');
}

function stepText(step: ExplainedStep, indent = ''): readonly string[] {
  const head = `${indent}${stepTitle(step)}  [${step.source}]`;
  const inner = `${indent}  `;
  const lines = [...step.definitions, ...step.equations].flatMap((l) => wrap(lineText(l), inner));
  const notes = step.notes.flatMap((note) => wrap(note, inner));
  return [head, ...lines, ...notes];
}

/** The steps of one repetition, indented below how often they repeat. */
function loopText(loop: StepLoop): readonly string[] {
  const head = `${loop.path}  the same ${loop.times} times, for ${loop.index} = ${indexValues(loop, '…')}:`;
  const initial = loop.initial.flatMap((line) => wrap(`where ${lineText(line)}`, '  '));
  return [head, ...initial, '', ...loop.steps.flatMap((step) => [...stepText(step, '  '), ''])];
}

export const lineText = (line: Line): string =>
  `${line.left.text} = ${line.right.text.join(' ')}${isDiagonal(line) ? '   (diagonal)' : ''}`;

/** Breaks at spaces, and where a product is too long for that after a factor; what follows is indented. */
function wrap(line: string, indent: string): readonly string[] {
  const out: string[] = [];
  let rest = indent + line;
  while ([...rest].length > columns) {
    const room = [...rest].slice(0, columns + 1).join('');
    // Before an operator if there is one in the second half, else at any space.
    const operator = Math.max(...[' + ', ' − ', ' = '].map((o) => room.lastIndexOf(o)));
    const space = operator > columns / 2 ? operator : room.lastIndexOf(' ');
    const cut =
      space > indent.length + 4 ? space : Math.max(...['·', '/'].map((o) => room.lastIndexOf(o, columns - 1))) + 1;
    if (cut <= indent.length + 4) break;
    out.push(rest.slice(0, cut));
    rest = `${indent}    ${rest.slice(cut).trimStart()}`;
  }
  return [...out, rest];
}
