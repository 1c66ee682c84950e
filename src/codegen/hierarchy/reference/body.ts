/** The straight line of a plan as JavaScript, each step under its Einstein notation. */
import { type ContractionPlan, einstein, quantity, stepFlops, stepNames } from '../../../ir/einsum/plan/index.ts';
import { type HierarchyTensor, SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { isIdentity, lower, type Operand, type Operation } from '../lower.ts';
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
  const writer = new BodyWriter(plan, tensors);
  for (const operation of lower(plan)) writer.write(operation);
  return { lines: writer.lines, result: writer.nameOf(plan.result), helpers: writer.helpers };
}

class BodyWriter {
  readonly lines: BodyLine[] = [];
  readonly helpers = new Set<string>();
  readonly #plan: ContractionPlan;
  readonly #tensors: ReadonlyMap<string, HierarchyTensor>;
  readonly #names: readonly string[];
  readonly #schedule: Schedule;
  /** Permuted copies by name, with the last step that reads each. */
  readonly #copies = new Map<string, { readonly depth: number; readonly until: number }>();

  constructor(plan: ContractionPlan, tensors: ReadonlyMap<string, HierarchyTensor>) {
    this.#plan = plan;
    this.#tensors = tensors;
    this.#names = stepNames(plan.steps);
    this.#schedule = scheduleOf(plan, tensors);
  }

  nameOf(step: number): string {
    const made = this.#plan.steps[step]!;
    if (made.kind !== 'tensor') return this.#names[step]!;
    const { position, axes, whole } = this.#tensors.get(made.tensor)!;
    if (position === undefined) return whole;
    const [at, width] = [sampleNames[position]!, product(axes)];
    return axes.length === 0
      ? `${whole}.subarray(${at}, ${at} + 1)`
      : `${whole}.subarray(${at} * ${width}, (${at} + 1) * ${width})`;
  }

  write(operation: Operation): void {
    const { step } = operation;
    const { steps, space } = this.#plan;
    const cost = quantity(stepFlops(steps[step]!, steps, space), 'flop');
    this.#line(step, `// ${einstein(step, steps, this.#names, SAMPLES)}: ${cost}`);
    const name = this.#names[step]!;
    if (operation.kind === 'matrixProduct') {
      this.helpers.add('multiply');
      const [left, right] = [operation.left, operation.right].map((operand) => this.#operand(operand));
      const sizes = [operation.batch, operation.rows, operation.cols, operation.inner].map(product);
      this.#line(step, `let ${name} = multiply(${[left, right, ...sizes].join(', ')});`);
    } else {
      const [first, ...rest] = entrywiseLines(
        operation,
        name,
        (part) => steps[part]!.axes,
        (part) => this.#entry(part),
      );
      this.#line(step, `let ${first}`);
      for (const line of rest) this.#line(step, line);
    }
    this.#free(step);
  }

  /** A row of a given tensor gets a name where a loop reads it. */
  #entry(part: number): string {
    const text = this.nameOf(part);
    if (!text.includes('(')) return text;
    const name = this.#names[part]!;
    if (!this.#copies.has(name)) this.#before(part, `const ${name} = ${text};`);
    this.#copies.set(name, { depth: this.#schedule.depths[part]!, until: Number.POSITIVE_INFINITY });
    return name;
  }

  #operand({ step, permutation }: Operand): string {
    const text = this.nameOf(step);
    if (isIdentity(permutation)) return text;
    const name = `${this.#names[step]!}_${permutation.join('')}`;
    if (!this.#copies.has(name)) {
      this.helpers.add('permuted');
      const shape = `[${this.#plan.steps[step]!.axes.join(', ')}]`;
      this.#before(step, `let ${name} = permuted(${text}, ${shape}, [${permutation.join(', ')}]);`);
    }
    this.#copies.set(name, {
      depth: this.#schedule.depths[step]!,
      until: this.#schedule.isLarge(step) ? this.#schedule.lastUses[step]! : Number.POSITIVE_INFINITY,
    });
    return name;
  }

  /** A line before the comment of the step that is being written. */
  #before(step: number, text: string): void {
    const comment = this.lines.findLastIndex((line) => line.text.startsWith('//'));
    this.lines.splice(comment, 0, { depth: this.#schedule.depths[step]!, text });
  }

  #line(step: number, text: string): void {
    this.lines.push({ depth: this.#schedule.depths[step]!, text });
  }

  /** Lets go of large tensors that no later step reads. */
  #free(step: number): void {
    const { depths, freedAfter } = this.#schedule;
    const done = freedAfter(step).map((at) => this.#names[at]!);
    const copies = [...this.#copies].flatMap(([name, { depth, until }]) =>
      until === step && depth === depths[step] ? [name] : [],
    );
    if (done.length + copies.length > 0) this.#line(step, `${[...done, ...copies].join(' = ')} = undefined;`);
  }
}
