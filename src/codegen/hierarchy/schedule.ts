/** When the steps of a plan run and how long their tensors are needed. */
import { type ContractionPlan, inputsOf, type PlanStep, sizeOfAxes } from '../../ir/einsum/plan/index.ts';
import type { HierarchyTensor } from '../../ir/hierarchy/index.ts';

export interface Schedule {
  /** The innermost loop over single samples that each step is inside; position 2 of the tuple is loop 1. */
  readonly depths: readonly number[];
  /** The last step that reads each step; none, infinity, where one in a deeper loop does, as that runs again. */
  readonly lastUses: readonly number[];
  /** Large tensors that no later step reads. */
  readonly freedAfter: (step: number) => readonly number[];
  /** Whether a tensor is worth a line that frees it. */
  readonly isLarge: (step: number) => boolean;
}

const largeBytes = 2 ** 20;

/** @param tensors the given ones by name; none in the body of a sliced step, which is inside one loop */
export function scheduleOf(plan: ContractionPlan, tensors?: ReadonlyMap<string, HierarchyTensor>): Schedule {
  const { steps, space } = plan;
  const depths = depthsOf(plan, tensors);
  const last = lastUses(steps, depths);
  const isLarge = (step: number) => 8 * sizeOfAxes(steps[step]!.axes, space) >= largeBytes;
  const freedAfter = (step: number) =>
    last.flatMap((until, at) =>
      until === step && at !== step && steps[at]!.kind !== 'tensor' && isLarge(at) ? [at] : [],
    );
  return { depths, lastUses: last, freedAfter, isLarge };
}

/** @param inside steps that are made where they are read: what they read is needed there */
export function lastUses(
  steps: readonly PlanStep[],
  depths: readonly number[],
  inside: ReadonlySet<number> = new Set(),
): readonly number[] {
  const last = steps.map((_, at) => at);
  const read = (step: PlanStep, at: number): void => {
    for (const input of inputsOf(step)) {
      last[input] = depths[input] === depths[at] ? Math.max(last[input]!, at) : Number.POSITIVE_INFINITY;
      if (inside.has(input)) read(steps[input]!, at);
    }
  };
  steps.forEach(read);
  return last;
}

function depthsOf({ steps }: ContractionPlan, tensors?: ReadonlyMap<string, HierarchyTensor>): readonly number[] {
  const depths: number[] = [];
  for (const step of steps) {
    const own = step.kind === 'tensor' ? (tensors?.get(step.tensor)?.position ?? 0) - 1 : 0;
    depths.push(Math.max(0, own, ...inputsOf(step).map((input) => depths[input]!)));
  }
  return depths;
}
