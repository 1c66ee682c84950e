/** A plan in float64, each step by plain loops: what emitted code is compared with. */
import { evaluateTensor, type Tensor } from '../evaluate.ts';
import type { ContractionPlan } from './plan.ts';
import { BLOCK, type PlanStep } from './steps.ts';

export function evaluatePlan({ steps, result, space }: ContractionPlan, tensor: (name: string) => Tensor): Tensor {
  const values: Tensor[] = [];
  for (const step of steps) values.push(stepValue(step, values, tensor, space.sizes));
  return values[result]!;
}

function stepValue(
  step: PlanStep,
  values: readonly Tensor[],
  tensor: (name: string) => Tensor,
  sizes: Readonly<Record<string, number>>,
): Tensor {
  switch (step.kind) {
    case 'tensor':
      return tensor(step.tensor);
    case 'reduce':
      return evaluateTensor([{ indices: step.fromIndices, tensor: values[step.from]! }], step.indices);
    case 'product': {
      const { left, right, leftIndices, rightIndices, indices } = step;
      const operands = [
        { indices: leftIndices, tensor: values[left]! },
        { indices: rightIndices, tensor: values[right]! },
      ];
      return evaluateTensor(operands, indices);
    }
    case 'sliced':
      return slicedValue(step, values, sizes);
    case 'sum': {
      const shape = step.axes.map((axis) => sizes[axis]!);
      const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
      const order = shape.map((_, k) => k);
      for (const { from, coefficient, axes } of step.parts) {
        const indices = order.map((k) => axes.indexOf(k));
        const part = evaluateTensor([{ indices, tensor: values[from]! }], order);
        part.data.forEach((value, k) => {
          data[k] = data[k]! + coefficient * value;
        });
      }
      return { shape, data };
    }
  }
}

function slicedValue(
  step: Extract<PlanStep, { kind: 'sliced' }>,
  values: readonly Tensor[],
  sizes: Readonly<Record<string, number>>,
): Tensor {
  const { axis, block, inputs, body, kept, axes } = step;
  const shape = axes.map((name) => sizes[name]!);
  const out = new Float64Array(shape.reduce((a, b) => a * b, 1));
  for (let from = 0; from < sizes[axis]!; from += block) {
    const size = Math.min(block, sizes[axis]! - from);
    const inner: Tensor[] = inputs.map((input) => blockOf(values[input.from]!, input.cut, from, size));
    for (const made of body.slice(inputs.length))
      inner.push(stepValue(made, inner, () => inner[0]!, { ...sizes, [BLOCK]: size }));
    const part = inner.at(-1)!;
    const after = shape.slice((kept ?? 0) + 1).reduce((a, b) => a * b, 1);
    part.data.forEach((value, k) => {
      const to =
        kept === undefined
          ? k
          : Math.floor(k / (size * after)) * shape[kept]! * after + from * after + (k % (size * after));
      out[to] = out[to]! + value;
    });
  }
  return { shape, data: out };
}

/** Positions from .. from + size − 1 of one axis. */
function blockOf({ shape, data }: Tensor, cut: number | undefined, from: number, size: number): Tensor {
  if (cut === undefined) return { shape, data };
  const after = shape.slice(cut + 1).reduce((a, b) => a * b, 1);
  const run = shape[cut]! * after;
  const runs = Array.from({ length: data.length / run }, (_, k) =>
    data.subarray(k * run + from * after, k * run + (from + size) * after),
  );
  return { shape: shape.with(cut, size), data: Float64Array.from(runs.flatMap((part) => [...part])) };
}
