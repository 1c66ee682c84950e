/** Steps of a plan as the few operations that targets have: batched matrix products, permutations, entrywise sums and products. */
import type { ContractionPlan, PlanStep } from '../../ir/einsum/plan/index.ts';

/** A step's tensor, its axes as they are or permuted: axis k is the step's axis permutation[k]. */
export interface Operand {
  readonly step: number;
  readonly permutation: readonly number[];
}

export type Operation =
  | {
      /** out[batch rows cols] = Σ_inner left[batch rows inner] · right[batch cols inner]; each a list of axes. */
      readonly kind: 'matrixProduct';
      readonly step: number;
      readonly left: Operand;
      readonly right: Operand;
      readonly batch: readonly string[];
      readonly rows: readonly string[];
      readonly cols: readonly string[];
      readonly inner: readonly string[];
    }
  | {
      /** Entry by entry: the product of the parts, or the sum of coefficient · part. */
      readonly kind: 'entrywise';
      readonly step: number;
      readonly how: 'product' | 'sum';
      readonly axes: readonly string[];
      readonly parts: readonly EntrywisePart[];
    };

/** Axis k of the result is axis axes[k] of the part, or none of it: the same for all positions along k. */
export interface EntrywisePart {
  readonly step: number;
  readonly coefficient: number;
  readonly axes: readonly (number | undefined)[];
}

/** The operations of a plan, in order. Given tensors need none. */
export const lower = ({ steps }: ContractionPlan): readonly Operation[] =>
  steps.flatMap((step, at) => {
    if (step.kind === 'tensor') return [];
    if (step.kind === 'reduce') throw new Error('ntkc bug: codegen: an index of one tensor alone');
    return step.kind === 'sum' ? [sumOf(step, at)] : [productOf(step, at, steps)];
  });

const sumOf = (step: Extract<PlanStep, { kind: 'sum' }>, at: number): Operation => ({
  kind: 'entrywise',
  step: at,
  how: 'sum',
  axes: step.axes,
  parts: step.parts.map(({ from, coefficient, axes }) => ({ step: from, coefficient, axes })),
});

function productOf(step: Extract<PlanStep, { kind: 'product' }>, at: number, steps: readonly PlanStep[]): Operation {
  const { left, right, leftIndices, rightIndices, indices } = step;
  const inner = leftIndices.filter((index) => !indices.includes(index));
  if (inner.length === 0) {
    const part = (from: number, own: readonly number[]): EntrywisePart => ({
      step: from,
      coefficient: 1,
      axes: indices.map((index) => (own.includes(index) ? own.indexOf(index) : undefined)),
    });
    return {
      kind: 'entrywise',
      step: at,
      how: 'product',
      axes: step.axes,
      parts: [part(left, leftIndices), part(right, rightIndices)],
    };
  }
  const batch = indices.filter((index) => leftIndices.includes(index) && rightIndices.includes(index));
  const rows = indices.filter((index) => !rightIndices.includes(index));
  const cols = indices.filter((index) => !leftIndices.includes(index));
  const axisOf = (index: number): string =>
    leftIndices.includes(index)
      ? steps[left]!.axes[leftIndices.indexOf(index)]!
      : steps[right]!.axes[rightIndices.indexOf(index)]!;
  return {
    kind: 'matrixProduct',
    step: at,
    left: { step: left, permutation: [...batch, ...rows, ...inner].map((index) => leftIndices.indexOf(index)) },
    right: { step: right, permutation: [...batch, ...cols, ...inner].map((index) => rightIndices.indexOf(index)) },
    batch: batch.map(axisOf),
    rows: rows.map(axisOf),
    cols: cols.map(axisOf),
    inner: inner.map(axisOf),
  };
}

export const isIdentity = (permutation: readonly number[]): boolean => permutation.every((axis, k) => axis === k);
