/** Plans as text: steps in Einstein notation, their cost. */
import type { ContractionPlan } from './plan.ts';
import { type PlanStep, stepFlops } from './steps.ts';

/** Names of the tensors of each step: the given ones by their own, others t1, t2, ... in order. */
export function stepNames(steps: readonly PlanStep[]): readonly string[] {
  let made = 0;
  return steps.map((step) => (step.kind === 'tensor' ? step.tensor : `t${++made}`));
}

/** "t3[a b] = Σ_i t1[a i]·t2[b i]". Letters from a are samples (axis `samples`), letters from i all else. */
export function einstein(
  at: number,
  steps: readonly PlanStep[],
  names: readonly string[],
  samples: string,
  digits = 6,
): string {
  const step = steps[at]!;
  const write = (name: string, letters: readonly string[]) =>
    letters.length === 0 ? name : `${name}[${letters.join(' ')}]`;
  if (step.kind === 'tensor') return write(names[at]!, lettersOf(step.axes, samples));
  if (step.kind === 'sum') {
    const letters = lettersOf(step.axes, samples);
    const parts = step.parts.map(({ from, coefficient, axes }) => {
      const own = axes.map((_, axis) => letters[axes.indexOf(axis)]!);
      const scale = coefficient === 1 ? '' : `${Number(coefficient.toPrecision(digits))}·`;
      return `${scale}${write(names[from]!, own)}`;
    });
    return `${write(names[at]!, letters)} = ${parts.length === 0 ? '0' : parts.join(' + ')}`;
  }
  if (step.kind === 'sliced')
    return slicedText(
      step,
      names[at]!,
      step.inputs.map(({ from }) => names[from]!),
      samples,
    );
  const operands =
    step.kind === 'reduce'
      ? [{ from: step.from, indices: step.fromIndices }]
      : [
          { from: step.left, indices: step.leftIndices },
          { from: step.right, indices: step.rightIndices },
        ];
  const axes = new Map(
    operands.flatMap(({ from, indices }) => indices.map((i, k) => [i, steps[from]!.axes[k]!] as const)),
  );
  const order = [...new Set([...step.indices, ...axes.keys()])];
  const letters = lettersOf(
    order.map((index) => axes.get(index)!),
    samples,
  );
  const letter = new Map(order.map((index, k) => [index, letters[k]!]));
  const summed = order.filter((index) => !step.indices.includes(index)).map((index) => letter.get(index)!);
  const product = operands.map(({ from, indices }) =>
    write(
      names[from]!,
      indices.map((index) => letter.get(index)!),
    ),
  );
  const result = write(
    names[at]!,
    step.indices.map((index) => letter.get(index)!),
  );
  return `${result} = ${summed.length === 0 ? '' : `Σ_${summed.join('')} `}${product.join('·')}`;
}

/** The steps of a body in one line, in blocks of its axis. */
function slicedText(
  { body, inputs, axis, block, axes }: Extract<PlanStep, { kind: 'sliced' }>,
  name: string,
  inputNames: readonly string[],
  samples: string,
): string {
  const names = bodyNames(body, inputNames, name);
  const lines = body.flatMap((_, k) => (k < inputs.length ? [] : [einstein(k, body, names, samples)]));
  return `${name}[${axes.join(' ')}] in blocks of ${block} along ${axis}: ${lines.join('; ')}`;
}

/** Names of the steps of a body: t7s1, t7s2, ... in step t7, inputs by the names they have outside. */
export const bodyNames = (body: readonly PlanStep[], inputNames: readonly string[], name: string): readonly string[] =>
  body.map((_, k) => inputNames[k] ?? `${name}s${k + 1 - inputNames.length}`);

function lettersOf(axes: readonly string[], samples: string): readonly string[] {
  let [sample, unit] = [0, 0];
  return axes.map((axis) => (axis === samples ? 'abcdefgh'[sample++]! : 'ijklmopqrstuvw'[unit++]!));
}

/** Numbers of operations and bytes, for readers: 1.99 Gflop, 51.3 MB. */
export function quantity(value: number, unit: string): string {
  const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
  const power = Math.min(prefixes.length - 1, value < 1000 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${Number((value / 1000 ** power).toPrecision(3))} ${prefixes[power]}${unit}`;
}

/** The steps of a plan, one a line, with what each costs. */
export function printPlan({ steps, space, flops, peakBytes }: ContractionPlan, samples: string): string {
  const names = stepNames(steps);
  const lines = steps.flatMap((step, at) =>
    step.kind === 'tensor'
      ? []
      : [[einstein(at, steps, names, samples), quantity(stepFlops(step, steps, space), 'flop')] as const],
  );
  const width = Math.max(0, ...lines.map(([text]) => text.length));
  return [
    ...lines.map(([text, cost]) => `${text.padEnd(width)}  ${cost}`),
    `${quantity(flops, 'flop')}, at most ${quantity(peakBytes, 'B')} at one time`,
  ].join('\n');
}
