import type { Program } from '../../../ir/program/index.ts';
import { commentLines } from '../comment.ts';
import { dualActivationSource, erfSource, expandManySource } from './engine.generated.ts';
import { referenceBody } from './generate.ts';
import { functionLines } from './spatial/functions.ts';

export { gramLines, type ReferenceSource, referenceBody } from './generate.ts';
export { type Before, type LayerLoop, type Leaving, readBefore, variableOf, withLoops } from './layerLoop.ts';
export { Naming } from './naming.ts';
export * as arithmetic from './spatial/arithmetic.ts';
export { type Given, givenLines, givenOfSamples } from './spatial/given.ts';
export { type Workload, workload } from './spatial/layout.ts';

/**
 * A standalone JavaScript module in float64, without dependencies: `gram(x1, n1, x2, n2, weights)` and its parts
 * `prepare` and `tile`. Same program and header, same bytes.
 */
export function generateReference(program: Program, header: readonly string[]): string {
  const { body, helpers } = referenceBody(program, { checksGiven: true });
  return `${[commentLines(header), '', ...engineLines(helpers)].join('\n')}\n${body}`;
}

/** The functions of src/ir/gaussian, and of spatial/arithmetic.ts, that a body calls. */
export const engineLines = (helpers: ReadonlySet<string>): readonly string[] => [
  ...(helpers.has('erf') ? enclosed('erf', 'The error function.', erfSource) : []),
  ...(helpers.has('dualActivation')
    ? enclosed(
        'dualActivation',
        'Gaussian expectations of a formula: Hermite series and quadrature.',
        dualActivationSource,
      )
    : []),
  ...(helpers.has('expandMany')
    ? enclosed('expandMany', 'Expansions at many variances, from a few.', expandManySource)
    : []),
  ...functionLines(helpers),
];

/** Source whose names stay inside, but for one, or for those of a pattern such as `{ a, b }`. */
export const enclosed = (name: string, comment: string, source: readonly string[]): readonly string[] => [
  `/** ${comment} */`,
  `const ${name} = (() => {`,
  ...source.map((line) => (line === '' ? '' : `  ${line.replaceAll('\t', '  ')}`)),
  `  return ${name};`,
  '})();',
  '',
];
