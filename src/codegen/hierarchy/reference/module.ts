/** A standalone JavaScript module that computes K_r of one finite network, in float64, without dependencies. */
import { denseLayers, SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { commentLines } from '../../targets/comment.ts';
import { type Body, bodyOf } from '../body.ts';
import { type Forward, forwardOf } from '../forward.ts';
import { constantLines, indent, loopNames, nestedLoops, readLine, shapeOfAll } from '../module.ts';
import type { FormPlan, HierarchyPlans } from '../plans.ts';
import { formsOf } from '../prepared.ts';
import { spellReference } from './body.ts';
import { spellForward } from './forward.ts';
import { helperLines } from './helpers.ts';

/** `prepare`, `one`, `all` and `contracted` as JavaScript text; same plans, same bytes. */
export function hierarchyBody(plans: HierarchyPlans): string {
  const { contracted, program } = plans;
  const helpers = new Set(['requireLength']);
  const forward = forwardOf(
    plans,
    spellForward((name) => void helpers.add(name)),
  );
  const bodies = formsOf(plans).map((form) => bodyOf(form.plan, form.tensors, spellReference));
  for (const helper of bodies.flatMap((body) => [...body.helpers])) helpers.add(helper);
  const functions = [
    ...prepareLines(plans, forward),
    '',
    ...oneLines(plans, bodies[0]!),
    '',
    ...allLines(plans, bodies[1]!),
    ...(contracted === undefined ? [] : ['', ...contractedLines(contracted, bodies[2]!, program.order)]),
  ];
  return [...constantLines(plans, functions), '', ...functions, ...helperLines(helpers), ''].join('\n');
}

/** The module with a comment at its head. */
export const generateHierarchyReference = (plans: HierarchyPlans, header: readonly string[]): string =>
  `${commentLines(header)}\n\n${hierarchyBody(plans)}`;

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

const oneLines = ({ one, program }: HierarchyPlans, body: Body): readonly string[] => [
  '/** K at one tuple of sample indices. */',
  `export function one(prepared, [${sampleNames.slice(0, program.order).join(', ')}]) {`,
  `  ${readLine(one, false)}`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result}[0];`,
  '}',
];

/** Matrices over the first two samples, in loops over the others. */
function allLines(plans: HierarchyPlans, { lines, result }: Body): readonly string[] {
  const loops = loopNames(plans);
  const first = loops.reduce((at, name) => (at === '' ? name : `(${at}) * ${SAMPLES} + ${name}`), '');
  const stored = [
    `const first = ${first};`,
    `for (let i = 0; i < ${SAMPLES} * ${SAMPLES}; i++) out[i * ${loops.map(() => SAMPLES).join(' * ')} + first] = ${result}[i];`,
  ];
  return [
    `/** K at all tuples, [${shapeOfAll(plans, ' ')}]. */`,
    'export function all(prepared) {',
    `  ${readLine(plans.pairs, true)}`,
    ...indent(
      loops.length === 0
        ? [...nestedLoops(lines, loops, []), `return ${result};`]
        : [
            `const out = new Float64Array(${SAMPLES} ** ${plans.program.order});`,
            ...nestedLoops(lines, loops, stored),
            'return out;',
          ],
    ),
    '}',
  ];
}

const contractedLines = (form: FormPlan, body: Body, order: number): readonly string[] => [
  `/** Σ K(α, β, ${order === 3 ? 'γ)·weights[γ]' : 'γ, ..)·weights[γ ..]'} over all but the first two samples, [${SAMPLES} ${SAMPLES}]. */`,
  'export function contracted(prepared, weights) {',
  `  ${readLine(form, true)}`,
  `  requireLength('weights', weights, ${order === 3 ? SAMPLES : `${SAMPLES} ** ${order - 2}`});`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result};`,
  '}',
];
