/** Steps of a plan as JavaScript loops and calls. */
import { BLOCK } from '../../../ir/einsum/plan/index.ts';
import type { HierarchyTensor } from '../../../ir/hierarchy/index.ts';
import type { BlockLoop, BodyContext, BodyLine, BodySpelling } from '../body.ts';
import { isIdentity, type MatrixProduct, type Operand, product } from '../lower.ts';
import { entrywiseLines } from './entrywise.ts';

export function spellReference(context: BodyContext): BodySpelling {
  const { names, schedule, axesOf, helper } = context;
  const copies = new OperandCopies(context);
  return {
    row: rowLine,
    copies: (operation) => copies.linesFor(operation),
    matrixProduct: ({ left, right, batch, rows, cols, inner }, name) => {
      helper('multiply');
      const sizes = [batch, rows, cols, inner].map(product);
      return [`let ${name} = multiply(${[copies.nameOf(left), copies.nameOf(right), ...sizes].join(', ')});`];
    },
    entrywise: (operation, name) => {
      const [first, ...rest] = entrywiseLines(operation, name, axesOf, (part) => names[part]!);
      return [`let ${first}`, ...rest];
    },
    blocks: (loop) => blockLines(loop, context),
    free: (step) => {
      const freed = [...schedule.freedAfter(step).map((at) => names[at]!), ...copies.freedAfter(step)];
      return freed.length === 0 ? [] : [`${freed.join(' = ')} = undefined;`];
    },
  };
}

function rowLine({ name, whole, axes }: HierarchyTensor, at: string): string {
  if (axes.length === 0) return `const ${name} = ${whole}.subarray(${at}, ${at} + 1);`;
  const width = product(axes);
  return `const ${name} = ${whole}.subarray(${at} * ${width}, (${at} + 1) * ${width});`;
}

function blockLines(
  { sliced, name, part, cuts, lines }: BlockLoop,
  { axesOf, helper }: BodyContext,
): readonly string[] {
  const { axis, block, kept, axes } = sliced;
  if (cuts.length > 0) helper('blockOf');
  if (kept !== undefined) helper('place');
  const gather =
    kept === undefined
      ? `for (let at = 0; at < ${name}.length; at++) ${name}[at] += ${part}[at];`
      : `place(${name}, ${part}, [${axes.join(', ')}], ${kept}, from, ${BLOCK});`;
  const inside = [
    `const ${BLOCK} = Math.min(${block}, ${axis} - from);`,
    ...cuts.map(
      (cut) =>
        `const ${cut.name} = blockOf(${cut.whole}, [${axesOf(cut.from).join(', ')}], ${cut.cut}, from, ${BLOCK});`,
    ),
    ...lines,
    gather,
  ];
  return [
    `let ${name} = new Float64Array(${product(axes)});`,
    `for (let from = 0; from < ${axis}; from += ${block}) {`,
    ...inside.map((line) => `  ${line}`),
    '}',
  ];
}

/** Operands whose axes are permuted: each copied once, in the loop that the operand is made in. */
class OperandCopies {
  readonly #context: BodyContext;
  /** By name, with the last step that reads each. */
  readonly #made = new Map<string, { readonly depth: number; readonly until: number }>();

  constructor(context: BodyContext) {
    this.#context = context;
  }

  nameOf({ step, permutation }: Operand): string {
    const name = this.#context.names[step]!;
    return isIdentity(permutation) ? name : `${name}_${permutation.join('')}`;
  }

  linesFor({ left, right }: MatrixProduct): readonly BodyLine[] {
    const { names, axesOf, helper } = this.#context;
    const { depths, isLarge, lastUses } = this.#context.schedule;
    return [left, right].flatMap((operand) => {
      const { step, permutation } = operand;
      const name = this.nameOf(operand);
      if (isIdentity(permutation) || this.#made.has(name)) return [];
      helper('permuted');
      const [depth, until] = [depths[step]!, isLarge(step) ? lastUses[step]! : Number.POSITIVE_INFINITY];
      this.#made.set(name, { depth, until });
      const shape = `[${axesOf(step).join(', ')}]`;
      return [{ depth, text: `let ${name} = permuted(${names[step]}, ${shape}, [${permutation.join(', ')}]);` }];
    });
  }

  /** Copies of large tensors that no later step reads. */
  freedAfter(step: number): readonly string[] {
    const { depths } = this.#context.schedule;
    return [...this.#made].flatMap(([name, { depth, until }]) =>
      until === step && depth === depths[step] ? [name] : [],
    );
  }
}
