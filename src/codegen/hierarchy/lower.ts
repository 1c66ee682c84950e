/** Steps of a plan as the few operations that targets have: batched matrix products, permutations, entrywise sums and products. */
import { BLOCK, bodyNames, type ContractionPlan, type PlanStep, planCost } from '../../ir/einsum/plan/index.ts';

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
    }
  | {
      /** A body run block by block along an axis; its result is summed, or put side by side along axis `kept`. */
      readonly kind: 'sliced';
      readonly step: number;
      readonly sliced: SlicedPlanStep;
      /** Its own steps, the inputs first. */
      readonly body: ContractionPlan;
    };

export type MatrixProduct = Extract<Operation, { kind: 'matrixProduct' }>;
export type Entrywise = Extract<Operation, { kind: 'entrywise' }>;

export type SlicedPlanStep = Extract<PlanStep, { kind: 'sliced' }>;

/** Axis k of the result is axis axes[k] of the part, or none of it: the same for all positions along k. */
export interface EntrywisePart {
  readonly step: number;
  readonly coefficient: number;
  readonly axes: readonly (number | undefined)[];
}

/** The operations of a plan, in order. Given tensors need none. */
export const lower = (plan: ContractionPlan): readonly Operation[] =>
  plan.steps.flatMap((step, at) => (step.kind === 'tensor' ? [] : [operationOf(step, at, plan)]));

function operationOf(step: Exclude<PlanStep, { kind: 'tensor' }>, at: number, plan: ContractionPlan): Operation {
  switch (step.kind) {
    case 'reduce':
      throw new Error('ntkc bug: codegen: an index of one tensor alone');
    case 'sum':
      return sumOf(step, at);
    case 'product':
      return productOf(step, at, plan.steps);
    case 'sliced':
      return { kind: 'sliced', step: at, sliced: step, body: bodyPlan(step, plan) };
  }
}

function bodyPlan(step: SlicedPlanStep, { space }: ContractionPlan): ContractionPlan {
  const whole = { ...space, sizes: { ...space.sizes, [BLOCK]: Math.min(step.block, space.sizes[step.axis]!) } };
  return { space: whole, steps: step.body, result: step.body.length - 1, ...planCost(step.body, whole) };
}

/** Names of the steps of a body; a block of an input is called after the input and its axis. */
export const namesInBody = (
  { body, inputs }: SlicedPlanStep,
  name: string,
  names: readonly string[],
): readonly string[] =>
  bodyNames(
    body,
    inputs.map(({ from, cut }) => (cut === undefined ? names[from]! : `${names[from]}Block${cut}`)),
    name,
  );

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

/** The text of a product of axis names, 1 for none. */
export const product = (axes: readonly string[]): string => (axes.length === 0 ? '1' : axes.join(' * '));
