/** A plan is a straight line of steps, each one tensor made from earlier ones; equal steps are one step. */
import { sizeOfAxes, type TensorSpace } from './network.ts';

/** A part of a sum: axis k of the result is axis axes[k] of the part. */
export interface SumPart {
  readonly from: number;
  readonly coefficient: number;
  readonly axes: readonly number[];
}

/** Indices are 0, 1, 2, ... of each step's own; `axes` are the names of what the result's axes run over. */
export type PlanStep =
  | { readonly kind: 'tensor'; readonly tensor: string; readonly axes: readonly string[] }
  | {
      /** Diagonals taken, and indices that `indices` lacks summed. */
      readonly kind: 'reduce';
      readonly from: number;
      readonly fromIndices: readonly number[];
      readonly indices: readonly number[];
      readonly axes: readonly string[];
    }
  | {
      readonly kind: 'product';
      readonly left: number;
      readonly right: number;
      readonly leftIndices: readonly number[];
      readonly rightIndices: readonly number[];
      readonly indices: readonly number[];
      readonly axes: readonly string[];
    }
  | { readonly kind: 'sum'; readonly parts: readonly SumPart[]; readonly axes: readonly string[] }
  | {
      /**
       * A few steps made block by block along an axis, so that none of their tensors is whole. The last step of the body
       * is the result: the sum over blocks, or side by side along axis `kept`.
       */
      readonly kind: 'sliced';
      /** Name of the axis. */
      readonly axis: string;
      /** Most positions in a block. */
      readonly block: number;
      readonly inputs: readonly SlicedInput[];
      /** Steps of its own, the first of them the inputs; the axis that is cut is called BLOCK. */
      readonly body: readonly PlanStep[];
      readonly kept?: number;
      readonly axes: readonly string[];
    };

export interface SlicedInput {
  readonly from: number;
  /** Axis of it that is cut; absent where it is read whole. */
  readonly cut?: number;
}

/** Name of the axis of a block. */
export const BLOCK = 'block';

/** Earlier steps that a step reads. */
export function inputsOf(step: PlanStep): readonly number[] {
  if (step.kind === 'tensor') return [];
  if (step.kind === 'reduce') return [step.from];
  if (step.kind === 'sliced') return step.inputs.map(({ from }) => from);
  return step.kind === 'product' ? [step.left, step.right] : step.parts.map(({ from }) => from);
}

/** Additions and multiplications of a step. */
export function stepFlops(step: PlanStep, steps: readonly PlanStep[], space: TensorSpace): number {
  const size = sizeOfAxes(step.axes, space);
  switch (step.kind) {
    case 'tensor':
      return 0;
    case 'reduce':
      return sizeOfAxes(steps[step.from]!.axes, space);
    case 'sum':
      return 2 * step.parts.length * size;
    case 'product': {
      const left = sizeOfAxes(steps[step.left]!.axes, space);
      const more = step.rightIndices.flatMap((index, k) =>
        step.leftIndices.includes(index) ? [] : [steps[step.right]!.axes[k]!],
      );
      const all = left * sizeOfAxes(more, space);
      return all === size ? all : 2 * all;
    }
    case 'sliced': {
      const whole = wholeAxis(step, space);
      return step.body.reduce((sum, inner) => sum + stepFlops(inner, step.body, whole), 0);
    }
  }
}

/** The space of a body whose block is all of the axis. */
export const wholeAxis = ({ axis }: { readonly axis: string }, space: TensorSpace): TensorSpace => ({
  ...space,
  sizes: { ...space.sizes, [BLOCK]: space.sizes[axis]! },
});

/** Steps in the order they were first asked for. */
export class StepTable {
  readonly steps: PlanStep[] = [];
  readonly #known = new Map<string, number>();

  add(step: PlanStep): number {
    const key = JSON.stringify(step);
    const old = this.#known.get(key);
    if (old !== undefined) return old;
    this.#known.set(key, this.steps.length);
    return this.steps.push(step) - 1;
  }
}
