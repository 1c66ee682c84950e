/**
 * The reference target: the kernel program as plain JavaScript in float64, one loop over samples and one over pairs.
 * The plainest reading of the program there is; every other target is compared with it.
 */
import type { Expand, Program } from '../../../ir/program/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import { ExpressionPrinter } from './expression.ts';
import { Naming, type ReferenceStyle } from './naming.ts';
import { tileLines } from './pairs.ts';
import { prepareLines } from './samples.ts';
import { givenArrays } from './spatial/given.ts';
import { layoutOf } from './spatial/layout.ts';
import { spatialLines } from './spatial/module.ts';

export interface ReferenceSource {
  /** The module without the Gaussian engine: what the runtime loads. */
  readonly body: string;
  /** Helper functions the body calls: erf, dualActivation, expandMany. */
  readonly helpers: ReadonlySet<string>;
}

/** The kernel's functions `prepare`, `tile` and `gram` as JavaScript text. */
export function referenceBody(program: Program, style: Partial<ReferenceStyle> = {}): ReferenceSource {
  const helpers = new Set<string>();
  const isSpatial = program.extents.length > 0;
  const loops = style.loops !== false;
  const naming = new Naming(program, { embedded: false, ...style, loops: loops && !isSpatial });
  const layout = isSpatial ? layoutOf(program, loops) : undefined;
  const expansions = layout?.expansions ?? naming.expansions();
  const isRepeated = (name: string) => layout?.isRepeated(name) ?? naming.layerOf(name) !== undefined;
  if (expansions.length > 0) helpers.add('dualActivation');
  if (expansions.length > 0 && style.embedded) helpers.add('expandMany');
  const lines = [
    `export const features = ${program.features};`,
    `/** Outputs of tile, in order. */`,
    `export const outputs = [${program.outputs.map((o) => `'${o.name}'`).join(', ')}];`,
    `/** Layer weights by default${program.weights.length === 0 ? '; this kernel has none' : ''}. */`,
    `export const layerWeights = [${program.weights.map((w) => w.value).join(', ')}];`,
    '',
    ...expansions.flatMap((s) => expansionLines(s, isRepeated(s.name), helpers)),
    ...(layout
      ? spatialLines(program, layout, helpers, style.checksGiven === true)
      : [...prepareLines(naming, helpers), '', ...tileLines(naming, helpers)]),
    '',
    ...gramLines(program),
  ];
  return { body: `${lines.join('\n')}\n`, helpers };
}

function expansionLines(s: Expand, isRepeated: boolean, helpers: Set<string>): readonly string[] {
  const printer = new ExpressionPrinter([], (name) => name);
  const one = (e: Expr) => printer.print(e).text;
  const lines = [
    `/** Hermite expansion of phi(x) under the variance ${s.variance}${isRepeated ? ', and in the layers that repeat it' : ''}. */`,
    `const ${s.name} = dualActivation({`,
    `  phi: (x) => ${one(s.phi)},`,
    `  dphi: (x) => ${one(s.dphi)},`,
    `  kinks: [${s.kinks.join(', ')}],`,
    `  tolerance: ${s.tolerance},`,
    `  maxDegree: ${s.maxDegree},`,
    `});`,
    '',
  ];
  for (const h of printer.helpers) helpers.add(h);
  return lines;
}

/** `gram` by means of prepare and tile. */
export function gramLines(program: Program): readonly string[] {
  const many = program.outputs.length > 1;
  const given = [...givenArrays(program)].map(([name, shape]) => `${name} ${shape}`);
  const also = (k: number) => (given.length > 0 ? `, given${k}` : '');
  return [
    '/**',
    ' * The whole Gram matrix of x1[n1 d] and x2[n2 d] (or of x1 with itself), row-major [n1 n2].',
    ...(given.length > 0 ? [` * given1 and given2 come with the inputs: { ${given.join('; ')} }.`] : []),
    many ? ' * Returns one matrix for each output.' : ' * Returns one Float64Array.',
    ' */',
    `export function gram(x1, n1, x2, n2 = n1, weights = layerWeights${also(1)}${also(2)}) {`,
    `  const a = prepare(x1, n1, weights${also(1)});`,
    `  const b = x2 === undefined ? a : prepare(x2, n2, weights${also(2)});`,
    `  const out = outputs.map(() => new Float64Array(n1 * n2));`,
    '  tile(a, 0, n1, b, 0, n2, a === b, out);',
    '  if (a === b) for (const k of out) for (let i = 0; i < n1; i++) for (let j = 0; j < i; j++) k[i * n1 + j] = k[j * n1 + i];',
    many ? '  return out;' : '  return out[0];',
    '}',
  ];
}
