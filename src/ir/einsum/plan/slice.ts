/**
 * Steps whose tensors are too large, made block by block along one of their indices: typically the units of a layer, over
 * which the next smaller step sums.
 */
import { sizeOfAxes, type TensorSpace } from './network.ts';
import { BLOCK, inputsOf, type PlanStep, type SlicedInput } from './steps.ts';

/** A chain of large steps up to the first smaller one that reads them, and where they are cut. */
interface Cut {
  /** Large steps and the axis each is cut along. */
  readonly large: ReadonlyMap<number, number>;
  /** Other steps that these and the end read, each with the axis to cut or none. */
  readonly inputs: readonly SlicedInput[];
  /** Which of the inputs a step reads for an operand: "reader operand" to its place in the list. */
  readonly places: ReadonlyMap<string, number>;
  /** Axis of the end that is cut; none where it sums over the index. */
  readonly endAxis?: number;
  readonly axis: string;
}

/** The same steps, where a tensor above the limit is made whole only if it is the result or cannot be cut. */
export function sliced(steps: readonly PlanStep[], space: TensorSpace, limitBytes: number): readonly PlanStep[] {
  const isLarge = (at: number) => steps[at]!.kind === 'product' && 8 * sizeOfAxes(steps[at]!.axes, space) > limitBytes;
  return steps.map((step, at) => {
    if (isLarge(at) || (step.kind !== 'product' && step.kind !== 'sum')) return step;
    const read = inputsOf(step).filter(isLarge);
    if (read.length === 0) return step;
    const cuts = axesToCut(at, steps, isLarge).flatMap((label) => cutAlong(label, at, steps, isLarge) ?? []);
    const [best] = cuts.toSorted((a, b) => space.sizes[b.axis]! - space.sizes[a.axis]!);
    return best === undefined ? step : slicedStep(at, best, steps, space, limitBytes);
  });
}

/** A position in one of the operands of a step. */
interface Place {
  readonly step: number;
  readonly axis: number;
}

/** Axes of the large operands of a step. */
function axesToCut(at: number, steps: readonly PlanStep[], isLarge: (at: number) => boolean): readonly Place[] {
  const [first] = inputsOf(steps[at]!).filter(isLarge);
  return steps[first!]!.axes.map((_, axis) => ({ step: first!, axis }));
}

/** Where the index at one axis of an operand lies in a step's result and in its operands. */
function meeting(
  step: PlanStep,
  operand: number,
  axis: number,
): { readonly own?: number; readonly others: readonly Place[] } {
  if (step.kind === 'sum') {
    const own = step.parts.find(({ from }) => from === operand)!.axes.indexOf(axis);
    return { own, others: step.parts.map(({ from, axes }) => ({ step: from, axis: axes[own]! })) };
  }
  if (step.kind !== 'product') return { others: [] };
  const label = (operand === step.left ? step.leftIndices : step.rightIndices)[axis]!;
  return productPlaces(step, label);
}

function productPlaces(
  step: Extract<PlanStep, { kind: 'product' }>,
  label: number,
): { readonly own?: number; readonly others: readonly Place[] } {
  const own = step.indices.indexOf(label);
  const others = [
    { step: step.left, axis: step.leftIndices.indexOf(label) },
    { step: step.right, axis: step.rightIndices.indexOf(label) },
  ].filter(({ axis }) => axis >= 0);
  return own < 0 ? { others } : { own, others };
}

/** The cut along one axis of an operand of step `end`; nothing where a large step on the way lacks the index. */
function cutAlong(
  place: Place,
  end: number,
  steps: readonly PlanStep[],
  isLarge: (at: number) => boolean,
): Cut | undefined {
  const large = new Map<number, number>();
  const inputs: SlicedInput[] = [];
  const operands = new Map<string, number>();
  const note = (reader: number, from: number, cut: number | undefined): boolean => {
    const known = inputs.findIndex((input) => input.from === from && input.cut === cut);
    const input = { from, ...(cut !== undefined && { cut }) };
    operands.set(`${reader} ${from}`, known < 0 ? inputs.push(input) - 1 : known);
    return true;
  };
  const visit = (at: number, places: readonly Place[]): boolean =>
    inputsOf(steps[at]!).every((input) => {
      const axes = places.filter(({ step }) => step === input).map(({ axis }) => axis);
      // One tensor read twice with the index at different axes would have to be cut in two ways.
      if (new Set(axes).size > 1 || axes.length !== timesRead(steps[at]!, input) * Number(axes.length > 0))
        return false;
      if (!isLarge(input)) return note(at, input, axes[0]);
      const [axis] = axes;
      if (axis === undefined) return false;
      if (large.has(input)) return large.get(input) === axis;
      large.set(input, axis);
      const step = steps[input]!;
      return step.kind === 'product' && visit(input, productPlaces(step, step.indices[axis]!).others);
    });
  const { own, others } = meeting(steps[end]!, place.step, place.axis);
  if (!visit(end, others)) return undefined;
  const axis = steps[place.step]!.axes[place.axis]!;
  return { large, inputs, places: operands, axis, ...(own !== undefined && { endAxis: own }) };
}

const timesRead = (step: PlanStep, input: number): number => inputsOf(step).filter((from) => from === input).length;

function slicedStep(
  end: number,
  { large, inputs, places, endAxis, axis }: Cut,
  steps: readonly PlanStep[],
  space: TensorSpace,
  limitBytes: number,
): PlanStep {
  const inside = [...large.keys()].sort((a, b) => a - b);
  const made = new Map([...inside, end].map((at, k) => [at, inputs.length + k]));
  const cutAxes = (axes: readonly string[], cut: number | undefined) =>
    axes.map((name, k) => (k === cut ? BLOCK : name));
  const body: PlanStep[] = [
    ...inputs.map(({ from, cut }): PlanStep => {
      return { kind: 'tensor', tensor: `${from}`, axes: cutAxes(steps[from]!.axes, cut) };
    }),
    ...[...inside, end].map((at) => ({
      ...renumbered(steps[at]!, (input) => places.get(`${at} ${input}`) ?? made.get(input)!),
      axes: cutAxes(steps[at]!.axes, at === end ? endAxis : large.get(at)),
    })),
  ];
  const size = space.sizes[axis]!;
  const bytes = 8 * inside.reduce((sum, at) => sum + sizeOfAxes(steps[at]!.axes, space), 0);
  const blocks = Math.min(size, Math.ceil(bytes / limitBytes));
  const block = Math.ceil(size / blocks);
  return {
    kind: 'sliced',
    axis,
    block,
    inputs,
    body,
    ...(endAxis !== undefined && { kept: endAxis }),
    axes: steps[end]!.axes,
  };
}

/** A step with its operands called otherwise. */
export function renumbered<S extends PlanStep>(step: S, place: (at: number) => number): PlanStep {
  switch (step.kind) {
    case 'tensor':
      return step;
    case 'reduce':
      return { ...step, from: place(step.from) };
    case 'product':
      return { ...step, left: place(step.left), right: place(step.right) };
    case 'sum':
      return { ...step, parts: step.parts.map((part) => ({ ...part, from: place(part.from) })) };
    case 'sliced':
      return { ...step, inputs: step.inputs.map((input) => ({ ...input, from: place(input.from) })) };
  }
}
