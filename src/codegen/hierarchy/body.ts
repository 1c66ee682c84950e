/** The straight line of a plan as text, each step under its Einstein notation; how a step is spelled is up to the target. */
import { type ContractionPlan, einstein, quantity, stepFlops, stepNames } from '../../ir/einsum/plan/index.ts';
import { type HierarchyTensor, SAMPLES, sampleNames } from '../../ir/hierarchy/index.ts';
import {
  type Entrywise,
  lower,
  type MatrixProduct,
  namesInBody,
  type Operation,
  type SlicedPlanStep,
} from './lower.ts';
import { type Schedule, scheduleOf } from './schedule.ts';

export interface BodyLine {
  /** How many of the loops over single samples it is inside: 0 for none. */
  readonly depth: number;
  readonly text: string;
}

export interface Body {
  readonly lines: readonly BodyLine[];
  /** Expression of the result. */
  readonly result: string;
  /** Helper functions it calls. */
  readonly helpers: ReadonlySet<string>;
}

/** What is spelled: the steps of a plan, or of the body of a sliced step. */
export interface BodyContext {
  readonly plan: ContractionPlan;
  /** What holds the tensor of each step. */
  readonly names: readonly string[];
  readonly schedule: Schedule;
  readonly axesOf: (step: number) => readonly string[];
  /** Notes a helper function that the text calls. */
  readonly helper: (name: string) => void;
}

/** A loop over blocks of an axis. */
export interface BlockLoop {
  readonly sliced: SlicedPlanStep;
  /** What the loop makes, and what one block of it is called. */
  readonly name: string;
  readonly part: string;
  /** Blocks of inputs: `name` is a block of `whole`, whose axis `cut` it is cut along. */
  readonly cuts: readonly {
    readonly name: string;
    readonly whole: string;
    readonly from: number;
    readonly cut: number;
  }[];
  readonly lines: readonly string[];
}

/** How a target writes the steps of one plan. */
export interface BodySpelling {
  /** One sample of a tensor of all of them. */
  row(tensor: HierarchyTensor, sample: string): string;
  /** Copies of operands in other layouts, made where the operand is. */
  copies?(operation: MatrixProduct): readonly BodyLine[];
  matrixProduct(operation: MatrixProduct, name: string): readonly string[];
  entrywise(operation: Entrywise, name: string): readonly string[];
  blocks(loop: BlockLoop): readonly string[];
  /** After a step: lets go of what no later one reads. */
  free(step: number): readonly string[];
}

/** @param tensors the given ones by name */
export function bodyOf(
  plan: ContractionPlan,
  tensors: ReadonlyMap<string, HierarchyTensor>,
  spell: (context: BodyContext) => BodySpelling,
): Body {
  const helpers = new Set<string>();
  const names = stepNames(plan.steps);
  const context = contextOf(plan, names, scheduleOf(plan, tensors), helpers);
  const spelling = spell(context);
  const rows = plan.steps.flatMap((step, at) => {
    const tensor = step.kind === 'tensor' ? tensors.get(step.tensor)! : undefined;
    if (tensor?.position === undefined) return [];
    return [{ depth: context.schedule.depths[at]!, text: spelling.row(tensor, sampleNames[tensor.position]!) }];
  });
  return { lines: [...rows, ...linesOf(context, spelling, spell)], result: names[plan.result]!, helpers };
}

const contextOf = (
  plan: ContractionPlan,
  names: readonly string[],
  schedule: Schedule,
  helpers: Set<string>,
): BodyContext => ({
  plan,
  names,
  schedule,
  axesOf: (step) => plan.steps[step]!.axes,
  helper: (name) => void helpers.add(name),
});

type Speller = (context: BodyContext) => BodySpelling;

function linesOf(context: BodyContext, spelling: BodySpelling, spell: Speller): readonly BodyLine[] {
  const { plan, schedule } = context;
  return lower(plan).flatMap((operation) => {
    const copies = operation.kind === 'matrixProduct' ? (spelling.copies?.(operation) ?? []) : [];
    const texts = [...stepLines(operation, context, spelling, spell), ...spelling.free(operation.step)];
    return [...copies, ...texts.map((text) => ({ depth: schedule.depths[operation.step]!, text }))];
  });
}

function stepLines(
  operation: Operation,
  context: BodyContext,
  spelling: BodySpelling,
  spell: Speller,
): readonly string[] {
  const name = context.names[operation.step]!;
  switch (operation.kind) {
    case 'matrixProduct':
      return [comment(operation.step, context), ...spelling.matrixProduct(operation, name)];
    case 'entrywise':
      return [comment(operation.step, context), ...spelling.entrywise(operation, name)];
    case 'sliced': {
      const { axis, block, kept, axes } = operation.sliced;
      const head = `// ${name}[${axes.join(' ')}], in blocks of ${block} along ${axis}${kept === undefined ? ', summed' : ''}`;
      return [head, ...spelling.blocks(loopOf(operation, name, context, spell))];
    }
  }
}

function comment(step: number, { plan: { steps, space }, names }: BodyContext): string {
  const cost = quantity(stepFlops(steps[step]!, steps, space), 'flop');
  return `// ${einstein(step, steps, names, SAMPLES)}: ${cost}`;
}

function loopOf(
  { sliced, body }: Extract<Operation, { kind: 'sliced' }>,
  name: string,
  { names, helper }: BodyContext,
  spell: Speller,
): BlockLoop {
  const inside = namesInBody(sliced, name, names);
  const helpers = new Set<string>();
  const context = contextOf(body, inside, scheduleOf(body), helpers);
  const lines = linesOf(context, spell(context), spell).map(({ text }) => text);
  helpers.forEach(helper);
  const cuts = sliced.inputs.flatMap(({ from, cut }, k) =>
    cut === undefined ? [] : [{ name: inside[k]!, whole: names[from]!, from, cut }],
  );
  return { sliced, name, part: inside.at(-1)!, cuts, lines };
}
