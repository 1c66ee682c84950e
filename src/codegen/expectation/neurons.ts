/** A sum over neurons as JavaScript: the plan of its contraction, run for a batch of neurons at a time. */
import { planContraction } from '../../ir/einsum/plan/index.ts';
import { type NeuronSum, neuronAxes } from '../../ir/expectation/index.ts';
import type { HierarchyTensor } from '../../ir/hierarchy/index.ts';
import { bodyOf } from '../hierarchy/body.ts';
import { spellReference } from '../hierarchy/reference/body.ts';
import { helperLines } from '../hierarchy/reference/helpers.ts';
import { ExpressionPrinter } from '../targets/reference/expression.ts';

export interface NeuronSource {
  /** The body of a function of (n, m, d, rows, weights, erf) that returns `batch(u)`: u[n m] to the sum over m, [n n]. */
  readonly text: string;
  /** Additions and multiplications of a batch. */
  readonly flops: number;
}

/** @param m neurons of a batch */
export function neuronSource({ n, networks, derivatives, gradients }: NeuronSum, m: number): NeuronSource {
  const plan = planContraction(networks, {
    space: { axes: (tensor) => neuronAxes[tensor] as readonly string[], sizes: { n, m, d: gradients.width } },
    output: [-1, -2],
    outputAxes: ['n', 'n'],
  });
  const tensors = new Map(
    Object.entries(neuronAxes).map(([name, axes]): [string, HierarchyTensor] => [
      name,
      { name, whole: name, axes, source: { kind: 'weights' } },
    ]),
  );
  const body = bodyOf(plan, tensors, spellReference);
  const text = [
    ...helperLines(new Set(['mapped', ...body.helpers])),
    'return function batch(u) {',
    ...derivatives.map(
      (e, p) => `const f${p} = mapped(u, (x) => ${new ExpressionPrinter([], (x) => x).print(e).text});`,
    ),
    ...body.lines.map((line) => line.text),
    `return ${body.result};`,
    '};',
  ].join('\n');
  return { text, flops: plan.flops };
}
