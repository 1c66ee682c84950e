import type { Derivation } from '../derivation.ts';
import { inputText, layerLine, outputLines, stepTitle, title, weightsLine } from './head.ts';
import { isDiagonal, type Line } from './line.ts';
import { type ExplainedStep, explainSteps } from './lines.ts';

const columns = 100;

/** The derivation as Unicode text, at most 100 columns where a line can be broken. */
export function toText(derivation: Derivation): string {
  const { network, kernel } = derivation;
  const weights = weightsLine(derivation);
  return [
    title(derivation),
    '',
    `input  ${inputText(derivation)}`,
    ...network.layers.flatMap((l, i) => layerLine(l, `layers[${i}]`)),
    ...(weights === undefined ? [] : ['', ...wrap(weights.text, '')]),
    '',
    ...explainSteps(derivation).flatMap((step) => [...stepText(step), '']),
    `${kernel === 'layerwise' ? 'Results' : 'Result'}`,
    ...outputLines(derivation).flatMap((l) => wrap(lineText(l), '  ')),
    '',
  ].join('\n');
}

function stepText(step: ExplainedStep): readonly string[] {
  const head = `${stepTitle(step)}  [${step.source}]`;
  const lines = [...step.definitions, ...step.equations].flatMap((l) => wrap(lineText(l), '  '));
  const notes = step.notes.flatMap((note) => wrap(note, '  '));
  return [head, ...(lines.length === 0 ? ['  (no value of this step is needed)'] : lines), ...notes];
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
