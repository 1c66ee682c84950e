/** The straight line of a plan as JavaScript, each step under its Einstein notation. */
import {
  BLOCK,
  type ContractionPlan,
  einstein,
  quantity,
  stepFlops,
  stepNames,
} from '../../../ir/einsum/plan/index.ts';
import { type HierarchyTensor, SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { isIdentity, lower, namesInBody, type Operand, type Operation, type SlicedPlanStep } from '../lower.ts';
import { type Schedule, scheduleOf } from '../schedule.ts';
import { entrywiseLines, product } from './entrywise.ts';

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

/**
 * @param tensors the given ones by name
 */
export function bodyOf(plan: ContractionPlan, tensors: ReadonlyMap<string, HierarchyTensor>): Body {
  const names = stepNames(plan.steps);
  const writer = new BodyWriter(plan, names, scheduleOf(plan, tensors));
  plan.steps.forEach((step, at) => {
    const tensor = step.kind === 'tensor' ? tensors.get(step.tensor)! : undefined;
    if (tensor?.position !== undefined) writer.line(at, rowLine(tensor, sampleNames[tensor.position]!));
  });
  for (const operation of lower(plan)) writer.write(operation);
  return { lines: writer.lines, result: names[plan.result]!, helpers: writer.helpers };
}

/** One sample of a tensor of all of them. */
function rowLine({ name, whole, axes }: HierarchyTensor, at: string): string {
  if (axes.length === 0) return `const ${name} = ${whole}.subarray(${at}, ${at} + 1);`;
  const width = product(axes);
  return `const ${name} = ${whole}.subarray(${at} * ${width}, (${at} + 1) * ${width});`;
}

class BodyWriter {
  readonly lines: BodyLine[] = [];
  readonly helpers = new Set<string>();
  readonly #plan: ContractionPlan;
  readonly #names: readonly string[];
  readonly #schedule: Schedule;
  /** Permuted copies by name, with the last step that reads each. */
  readonly #copies = new Map<string, { readonly depth: number; readonly until: number }>();

  constructor(plan: ContractionPlan, names: readonly string[], schedule: Schedule) {
    this.#plan = plan;
    this.#names = names;
    this.#schedule = schedule;
  }

  line(step: number, text: string): void {
    this.lines.push({ depth: this.#schedule.depths[step]!, text });
  }

  write(operation: Operation): void {
    const { step } = operation;
    this.#permute(operation);
    if (operation.kind !== 'sliced') this.line(step, `// ${this.#comment(step)}`);
    for (const text of this.#lines(operation)) this.line(step, text);
    const freed = this.#freed(step);
    if (freed.length > 0) this.line(step, `${freed.join(' = ')} = undefined;`);
  }

  #comment(step: number): string {
    const { steps, space } = this.#plan;
    const cost = quantity(stepFlops(steps[step]!, steps, space), 'flop');
    return `${einstein(step, steps, this.#names, SAMPLES)}: ${cost}`;
  }

  #lines(operation: Operation): readonly string[] {
    const name = this.#names[operation.step]!;
    switch (operation.kind) {
      case 'matrixProduct': {
        this.helpers.add('multiply');
        const operands = [operation.left, operation.right].map((operand) => this.#operandName(operand));
        const sizes = [operation.batch, operation.rows, operation.cols, operation.inner].map(product);
        return [`let ${name} = multiply(${[...operands, ...sizes].join(', ')});`];
      }
      case 'entrywise': {
        const [first, ...rest] = entrywiseLines(
          operation,
          name,
          (part) => this.#axes(part),
          (part) => this.#names[part]!,
        );
        return [`let ${first}`, ...rest];
      }
      case 'sliced':
        return this.#blocks(operation.sliced, operation.body, name);
    }
  }

  #axes(step: number): readonly string[] {
    return this.#plan.steps[step]!.axes;
  }

  /** A loop over blocks, its steps inside. */
  #blocks(sliced: SlicedPlanStep, body: ContractionPlan, name: string): readonly string[] {
    const { axis, block, inputs, kept, axes } = sliced;
    const names = namesInBody(sliced, name, this.#names);
    const inner = new BodyWriter(body, names, scheduleOf(body));
    for (const operation of lower(body)) inner.write(operation);
    const cuts = inputs.flatMap(({ from, cut }, k) =>
      cut === undefined
        ? []
        : [
            `const ${names[k]} = blockOf(${this.#names[from]}, [${this.#axes(from).join(', ')}], ${cut}, from, ${BLOCK});`,
          ],
    );
    for (const helper of [
      ...inner.helpers,
      ...(cuts.length > 0 ? ['blockOf'] : []),
      ...(kept === undefined ? [] : ['place']),
    ])
      this.helpers.add(helper);
    const part = names.at(-1)!;
    const gather =
      kept === undefined
        ? `for (let at = 0; at < ${name}.length; at++) ${name}[at] += ${part}[at];`
        : `place(${name}, ${part}, [${axes.join(', ')}], ${kept}, from, ${BLOCK});`;
    const inside = [
      `const ${BLOCK} = Math.min(${block}, ${axis} - from);`,
      ...cuts,
      ...inner.lines.map(({ text }) => text),
      gather,
    ];
    return [
      `// ${name}[${axes.join(' ')}], in blocks of ${block} along ${axis}${kept === undefined ? ', summed' : ''}`,
      `let ${name} = new Float64Array(${product(axes)});`,
      `for (let from = 0; from < ${axis}; from += ${block}) {`,
      ...inside.map((line) => `  ${line}`),
      '}',
    ];
  }

  #operandName({ step, permutation }: Operand): string {
    return isIdentity(permutation) ? this.#names[step]! : `${this.#names[step]}_${permutation.join('')}`;
  }

  /** Permutes the operands of an operation, each once, in the loop that the operand is made in. */
  #permute(operation: Operation): void {
    if (operation.kind !== 'matrixProduct') return;
    for (const operand of [operation.left, operation.right]) {
      const { step, permutation } = operand;
      const name = this.#operandName(operand);
      if (isIdentity(permutation) || this.#copies.has(name)) continue;
      this.helpers.add('permuted');
      const { depths, isLarge, lastUses } = this.#schedule;
      const until = isLarge(step) ? lastUses[step]! : Number.POSITIVE_INFINITY;
      this.#copies.set(name, { depth: depths[step]!, until });
      const shape = `[${this.#axes(step).join(', ')}]`;
      this.line(step, `let ${name} = permuted(${this.#names[step]}, ${shape}, [${permutation.join(', ')}]);`);
    }
  }

  /** Large tensors and copies that no later step reads. */
  #freed(step: number): readonly string[] {
    const { depths, freedAfter } = this.#schedule;
    const copies = [...this.#copies].flatMap(([name, { depth, until }]) =>
      until === step && depth === depths[step] ? [name] : [],
    );
    return [...freedAfter(step).map((at) => this.#names[at]!), ...copies];
  }
}
