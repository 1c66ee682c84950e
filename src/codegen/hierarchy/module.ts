/** What modules of all targets have in common: constants, and the loops over single samples. */
import { SAMPLES, sampleNames } from '../../ir/hierarchy/index.ts';
import type { BodyLine } from './body.ts';
import type { FormPlan, HierarchyPlans } from './plans.ts';
import { readNames } from './prepared.ts';

/** Order, features and sizes of the axes that the code reads. */
export const constantLines = ({ program, pairs }: HierarchyPlans, code: readonly string[]): readonly string[] => [
  '/** Length of a tuple. */',
  `export const order = ${program.order};`,
  '/** Length of one input. */',
  `export const features = ${program.network.nodes[0]!.width};`,
  ...axisLines(pairs, code.join('\n')),
];

function axisLines({ space }: FormPlan, code: string): readonly string[] {
  const used = Object.entries(space.sizes).filter(
    ([axis]) => axis !== SAMPLES && new RegExp(`\\b${axis}\\b`).test(code),
  );
  if (used.length === 0) return [];
  return [
    '/** Units of the input (d) and of layers (m), with one more for the bias where the name ends in b. */',
    ...used.map(([axis, size]) => `const ${axis} = ${size};`),
  ];
}

/** What a plan reads of the prepared values. */
export const readLine = (form: FormPlan, needsN: boolean): string =>
  `const { ${[...(needsN ? [SAMPLES] : []), ...readNames(form)].join(', ')} } = prepared;`;

/** Samples of a tuple after the first two. */
export const loopNames = ({ program }: HierarchyPlans): readonly string[] => sampleNames.slice(2, program.order);

/** "n, n, n" for K3. */
export const shapeOfAll = ({ program }: HierarchyPlans, separator: string): string =>
  Array.from({ length: program.order }, () => SAMPLES).join(separator);

/**
 * Lines in loops over the samples after the second; what needs none of them is made before.
 * @param inLoop puts the lines of one turn in what a target needs around them
 */
export function nestedLoops(
  lines: readonly BodyLine[],
  loops: readonly string[],
  innermost: readonly string[],
  inLoop: (lines: readonly string[]) => readonly string[] = (inside) => inside,
): readonly string[] {
  const nested = (k: number): readonly string[] => {
    const name = loops[k];
    if (name === undefined) return innermost;
    const inside = inLoop([...atDepth(lines, k + 1), ...nested(k + 1)]);
    return [`for (let ${name} = 0; ${name} < ${SAMPLES}; ${name}++) {`, ...indent(inside), '}'];
  };
  return [...atDepth(lines, 0), ...nested(0)];
}

const atDepth = (lines: readonly BodyLine[], depth: number): readonly string[] =>
  lines.filter((line) => line.depth === depth).map(({ text }) => text);

export const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
