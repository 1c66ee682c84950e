/** A plan in float64, each step by plain loops: what emitted code is compared with. */
import { evaluateTensor, type Tensor } from '../evaluate.ts';
import type { ContractionPlan } from './plan.ts';
import type { PlanStep } from './steps.ts';

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
