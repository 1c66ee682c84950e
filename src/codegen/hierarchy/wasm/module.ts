/** K_r of one finite network as calls of a TensorEngine: the functions that all threads run. */
import { SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { type Body, bodyOf } from '../body.ts';
import { type Forward, forwardOf } from '../forward.ts';
import { constantLines, indent, loopNames, nestedLoops, readLine, shapeOfAll } from '../module.ts';
import type { FormPlan, HierarchyPlans } from '../plans.ts';
import { formsOf } from '../prepared.ts';
import { helperLines } from '../reference/helpers.ts';
import { spellWasm } from './body.ts';
import { spellForward } from './forward.ts';

/** `prepareOn`, `oneOn`, `allOn` and `contractedOn` as JavaScript text; same plans, same bytes. */
export function hierarchyWasmBody(plans: HierarchyPlans): string {
  const { contracted } = plans;
  const helpers = new Set<string>();
  const forward = forwardOf(
    plans,
    spellForward((name) => void helpers.add(name)),
  );
  const bodies = formsOf(plans).map((form) => bodyOf(form.plan, form.tensors, spellWasm));
  const functions = [
    ...prepareLines(forward),
    '',
    ...oneLines(plans, bodies[0]!),
    '',
    ...allLines(plans, bodies[1]!),
    ...(contracted === undefined ? [] : ['', ...contractedLines(contracted, bodies[2]!)]),
  ];
  return [...constantLines(plans, functions), '', ...functions, ...helperLines(helpers), ''].join('\n');
}

const prepareLines = ({ lines, names }: Forward): readonly string[] => [
  '/** Values and derivatives at samples x[n features]; parameters: tensors {W, b} of each layer. */',
  'function prepareOn(e, parameters, x, output) {',
  `  const [${SAMPLES}] = x.shape;`,
  ...indent(lines),
  `  return { ${[...new Set([SAMPLES, 'x', ...names])].join(', ')} };`,
  '}',
];

const oneLines = ({ one, program }: HierarchyPlans, body: Body): readonly string[] => [
  '/** K at one tuple of sample indices, a tensor of one number. */',
  `function oneOn(e, prepared, [${sampleNames.slice(0, program.order).join(', ')}]) {`,
  `  ${readLine(one, false)}`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result};`,
  '}',
];

/** Matrices over the first two samples, in loops over the others. */
function allLines(plans: HierarchyPlans, { lines, result }: Body): readonly string[] {
  const loops = loopNames(plans);
  const innermost = [
    `e.copy([${loops.toReversed().join(', ')}].reduce((view, at) => e.column(view, at), out), ${result});`,
  ];
  const inLoop = (inside: readonly string[]) => ['const before = e.mark();', ...inside, 'e.release(before);'];
  return [
    `/** K at all tuples, [${shapeOfAll(plans, ' ')}]. */`,
    'function allOn(e, prepared) {',
    `  ${readLine(plans.pairs, true)}`,
    ...indent(
      loops.length === 0
        ? [...nestedLoops(lines, loops, []), `return ${result};`]
        : [
            `const out = e.tensor([${shapeOfAll(plans, ', ')}]);`,
            ...nestedLoops(lines, loops, innermost, inLoop),
            'return out;',
          ],
    ),
    '}',
  ];
}

const contractedLines = (form: FormPlan, body: Body): readonly string[] => [
  `/** Σ K(α, β, γ, ..)·weights[γ ..] over all but the first two samples, [${SAMPLES} ${SAMPLES}]. */`,
  'function contractedOn(e, prepared, weights) {',
  `  ${readLine(form, true)}`,
  ...indent(body.lines.map(({ text }) => text)),
  `  return ${body.result};`,
  '}',
];
