/** A standalone JavaScript module that computes K_r of one finite network, in float64, without dependencies. */
import { denseLayers, SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { commentLines } from '../../targets/comment.ts';
import { erfSource } from '../../targets/reference/engine.generated.ts';
import type { FormPlan, HierarchyPlans } from '../plans.ts';
import { formsOf, readNames } from '../prepared.ts';
import { type Body, type BodyLine, bodyOf } from './body.ts';
import { type Forward, forwardOf } from './forward.ts';
import {
  blockOfSource,
  mappedSource,
  multiplySource,
  permutedSource,
  placeSource,
  requireLengthSource,
  withColumnSource,
} from './helpers.ts';

/** `prepare`, `one`, `all` and `contracted` as JavaScript text; same plans, same bytes. */
export function hierarchyBody(plans: HierarchyPlans): string {
  const { pairs, contracted, program } = plans;
  const forms = formsOf(plans);
  const forward = forwardOf(plans);
  const bodies = forms.map((form) => bodyOf(form.plan, form.tensors));
  const helpers = new Set(['requireLength', ...forward.helpers, ...bodies.flatMap((body) => [...body.helpers])]);
  const functions = [
    ...prepareLines(plans, forward),
    '',
    ...oneLines(plans, bodies[0]!),
    '',
    ...allLines(plans, bodies[1]!),
    ...(contracted === undefined ? [] : ['', ...contractedLines(contracted, bodies[2]!, program.order)]),
  ];
  const head = [
    '/** Length of a tuple. */',
    `export const order = ${program.order};`,
    '/** Length of one input. */',
    `export const features = ${program.network.nodes[0]!.width};`,
    ...axisLines(pairs, functions.join('\n')),
  ];
  return [...head, '', ...functions, ...helperLines(helpers), ''].join('\n');
}

/** The module with a comment at its head. */
export const generateHierarchyReference = (plans: HierarchyPlans, header: readonly string[]): string =>
  `${commentLines(header)}\n\n${hierarchyBody(plans)}`;

/** Sizes of the axes that the code reads. */
function axisLines({ space }: FormPlan, code: string): readonly string[] {
  const used = Object.entries(space.sizes).filter(
    ([axis]) => axis !== SAMPLES && new RegExp(`\\b${axis}\\b`).test(code),
  );
  if (used.length === 0) return [];
  return [
    '/** Units of the input (d) and of layers (m), with one more for the bias where the name ends in b. */',
    `const ${used.map(([axis, size]) => `${axis} = ${size}`).join(', ')};`,
  ];
}

const prepareLines = ({ program }: HierarchyPlans, { lines, names }: Forward): readonly string[] => [
  '/**',
  ' * Values and derivatives at n samples x[n features], which the kernel is made of.',
  ' * parameters: {W, b} for each layer, W[o i] row-major and b[o], before their scales; output: which one f is.',
  ' */',
  `export function prepare(parameters, x, ${SAMPLES}, output = 0) {`,
  ...indent(lengthLines(program)),
  ...indent(lines),
  `  return { ${[...new Set([SAMPLES, 'x', ...names])].join(', ')} };`,
  '}',
];

/** A wrong length would end in NaN, or in K of another network. */
const lengthLines = ({ network }: HierarchyPlans['program']): readonly string[] => [
  `requireLength('x', x, ${SAMPLES} * ${network.nodes[0]!.width});`,
  ...denseLayers(network).flatMap(({ layer, width, fanIn, bias }) => [
    `requireLength('parameters[${layer}].W', parameters[${layer}]?.W, ${width * fanIn});`,
    ...(bias === undefined ? [] : [`requireLength('parameters[${layer}].b', parameters[${layer}].b, ${width});`]),
  ]),
];

/** What a plan reads of the prepared values. */
const readLine = (form: FormPlan, needsN: boolean): string =>
  `const { ${[...(needsN ? [SAMPLES] : []), ...readNames(form)].join(', ')} } = prepared;`;

const oneLines = ({ one, program }: HierarchyPlans, body: Body): readonly string[] => [
  '/** K at one tuple of sample indices. */',
  `export function one(prepared, [${sampleNames.slice(0, program.order).join(', ')}]) {`,
  `  ${readLine(one, false)}`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result}[0];`,
  '}',
];

/** Matrices over the first two samples, in loops over the others; what needs no others is made before. */
function allLines({ pairs, program }: HierarchyPlans, { lines, result }: Body): readonly string[] {
  const loops = sampleNames.slice(2, program.order);
  const stored =
    loops.length === 0
      ? [`return ${result};`]
      : [
          `const first = ${loops.reduce((at, name) => (at === '' ? name : `(${at}) * ${SAMPLES} + ${name}`), '')};`,
          `for (let i = 0; i < ${SAMPLES} * ${SAMPLES}; i++) out[i * ${loops.map(() => SAMPLES).join(' * ')} + first] = ${result}[i];`,
        ];
  const nested = (k: number): readonly string[] => {
    const name = loops[k];
    if (name === undefined) return stored;
    const inside = [...atDepth(lines, k + 1), ...nested(k + 1)];
    return [`for (let ${name} = 0; ${name} < ${SAMPLES}; ${name}++) {`, ...indent(inside), '}'];
  };
  return [
    `/** K at all tuples, [${Array.from({ length: program.order }, () => SAMPLES).join(' ')}]. */`,
    'export function all(prepared) {',
    `  ${readLine(pairs, true)}`,
    ...indent([
      ...(loops.length === 0 ? [] : [`const out = new Float64Array(${SAMPLES} ** ${program.order});`]),
      ...atDepth(lines, 0),
      ...nested(0),
      ...(loops.length === 0 ? [] : ['return out;']),
    ]),
    '}',
  ];
}

const atDepth = (lines: readonly BodyLine[], depth: number): readonly string[] =>
  lines.filter((line) => line.depth === depth).map(({ text }) => text);

const contractedLines = (form: FormPlan, body: Body, order: number): readonly string[] => [
  `/** Σ K(α, β, ${order === 3 ? 'γ)·weights[γ]' : 'γ, ..)·weights[γ ..]'} over all but the first two samples, [${SAMPLES} ${SAMPLES}]. */`,
  'export function contracted(prepared, weights) {',
  `  ${readLine(form, true)}`,
  `  requireLength('weights', weights, ${order === 3 ? SAMPLES : `${SAMPLES} ** ${order - 2}`});`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result};`,
  '}',
];

const sources: Readonly<Record<string, string>> = {
  requireLength: requireLengthSource,
  multiply: multiplySource,
  permuted: permutedSource,
  blockOf: blockOfSource,
  place: placeSource,
  mapped: mappedSource,
  withColumn: withColumnSource,
  erf: `/** The error function. */\n${erfSource.join('\n').replaceAll('\t', '  ')}`,
};

const helperLines = (helpers: ReadonlySet<string>): readonly string[] =>
  Object.entries(sources).flatMap(([name, source]) => (helpers.has(name) ? ['', source] : []));

const indent = (lines: readonly string[]): readonly string[] => lines.map((line) => `  ${line}`);
