/** The straight line of a plan as tfjs calls, each step under its Einstein notation. */
import {
  BLOCK,
  type ContractionPlan,
  einstein,
  quantity,
  stepFlops,
  stepNames,
} from '../../../ir/einsum/plan/index.ts';
import { type HierarchyTensor, SAMPLES, sampleNames } from '../../../ir/hierarchy/index.ts';
import { numberText } from '../../targets/tfjs/math.ts';
import {
  type EntrywisePart,
  isIdentity,
  lower,
  namesInBody,
  type Operand,
  type Operation,
  type SlicedPlanStep,
} from '../lower.ts';
import { type Schedule, scheduleOf } from '../schedule.ts';

export interface BodyLine {
  /** How many of the loops over single samples it is inside: 0 for none. */
  readonly depth: number;
  readonly text: string;
}

export interface Body {
  readonly lines: readonly BodyLine[];
  /** Expression of the result. */
  readonly result: string;
}

type MatrixProduct = Extract<Operation, { kind: 'matrixProduct' }>;
type Entrywise = Extract<Operation, { kind: 'entrywise' }>;

/** @param tensors the given ones by name */
export function bodyOf(plan: ContractionPlan, tensors: ReadonlyMap<string, HierarchyTensor>): Body {
  const { steps } = plan;
  const schedule = scheduleOf(plan, tensors);
  const names = stepNames(steps);
  const rows = steps.flatMap((step, at) => {
    const tensor = step.kind === 'tensor' ? tensors.get(step.tensor)! : undefined;
    if (tensor?.position === undefined) return [];
    const text = `const ${names[at]} = row(${tensor.whole}, ${sampleNames[tensor.position]});`;
    return [{ depth: schedule.depths[at]!, text }];
  });
  return { lines: [...rows, ...linesOf(plan, names, schedule)], result: names[plan.result]! };
}

function linesOf(
  plan: ContractionPlan,
  names: readonly string[],
  { depths, freedAfter }: Schedule,
): readonly BodyLine[] {
  const { steps, space } = plan;
  const axesOf = (step: number) => steps[step]!.axes;
  return lower(plan).flatMap((operation) => {
    const { step } = operation;
    const cost = quantity(stepFlops(steps[step]!, steps, space), 'flop');
    const comment = `// ${einstein(step, steps, names, SAMPLES)}: ${cost}`;
    const freed = freedAfter(step).map((at) => names[at]!);
    const texts = [
      ...(operation.kind === 'sliced'
        ? blockLines(operation.sliced, operation.body, names, step)
        : [comment, `const ${names[step]} = ${expression(operation, names, axesOf)};`]),
      ...(freed.length > 0 ? [`tf.dispose([${freed.join(', ')}]);`] : []),
    ];
    return texts.map((text) => ({ depth: depths[step]!, text }));
  });
}

const expression = (
  operation: MatrixProduct | Entrywise,
  names: readonly string[],
  axesOf: (step: number) => readonly string[],
): string =>
  operation.kind === 'matrixProduct' ? matrixProduct(operation, names, axesOf) : entrywise(operation, names, axesOf);

/** A loop over blocks; what it makes is added up, or put side by side. */
function blockLines(
  sliced: SlicedPlanStep,
  body: ContractionPlan,
  names: readonly string[],
  step: number,
): readonly string[] {
  const { axis, block, inputs, kept, axes } = sliced;
  const name = names[step]!;
  const inside = namesInBody(sliced, name, names);
  const cuts = inputs.flatMap(({ from, cut }, k) =>
    cut === undefined ? [] : [`const ${inside[k]} = blockOf(${names[from]}, ${cut}, from, ${BLOCK});`],
  );
  const lines = [...cuts, ...linesOf(body, inside, scheduleOf(body)).map(({ text }) => text)];
  const part = inside.at(-1)!;
  const parts = `${name}Blocks`;
  return [
    `// ${name}[${axes.join(' ')}], in blocks of ${block} along ${axis}${kept === undefined ? ', summed' : ''}`,
    kept === undefined ? `let ${name}: tf.Tensor = tf.zeros(${shapeText(axes)});` : `const ${parts}: tf.Tensor[] = [];`,
    `for (let from = 0; from < ${axis}; from += ${block}) {`,
    `  const ${BLOCK} = Math.min(${block}, ${axis} - from);`,
    kept === undefined ? `  const sum: tf.Tensor = tf.tidy(() => {` : `  const part: tf.Tensor = tf.tidy(() => {`,
    ...lines.map((line) => `    ${line}`),
    kept === undefined ? `    return tf.add(${name}, ${part});` : `    return ${part};`,
    '  });',
    ...(kept === undefined ? [`  ${name}.dispose();`, `  ${name} = sum;`] : [`  ${parts}.push(part);`]),
    '}',
    ...(kept === undefined ? [] : [`const ${name} = tf.concat(${parts}, ${kept});`, `tf.dispose(${parts});`]),
  ];
}

const shapeText = (axes: readonly string[]): string => `[${axes.join(', ')}]`;
const product = (axes: readonly string[]): string => (axes.length === 0 ? '1' : axes.join(' * '));

/** tf.matMul of matrices or of batches of them, transposed by its flags where that is enough. */
function matrixProduct(
  { step, left, right, batch, rows, cols, inner }: MatrixProduct,
  names: readonly string[],
  axesOf: (step: number) => readonly string[],
): string {
  const [a, b] = [
    matrix(left, { batch, outer: rows, inner }, names, axesOf),
    matrix(right, { batch, outer: cols, inner }, names, axesOf),
  ];
  const text = `tf.matMul(${a.text}, ${b.text}, ${a.isTransposed}, ${!b.isTransposed})`;
  const isPlain = batch.length <= 1 && rows.length === 1 && cols.length === 1;
  return isPlain ? text : `tf.reshape(${text}, ${shapeText(axesOf(step))})`;
}

interface Groups {
  readonly batch: readonly string[];
  readonly outer: readonly string[];
  readonly inner: readonly string[];
}

/** An operand as [batch outer inner], or [batch inner outer] where it lies that way. */
function matrix(
  { step, permutation }: Operand,
  { batch, outer, inner }: Groups,
  names: readonly string[],
  axesOf: (step: number) => readonly string[],
): { readonly text: string; readonly isTransposed: boolean } {
  const [first, second] = [batch.length, batch.length + outer.length];
  const swapped = [...permutation.slice(0, first), ...permutation.slice(second), ...permutation.slice(first, second)];
  const isTransposed = !isIdentity(permutation) && isIdentity(swapped);
  const name = names[step]!;
  const ordered = isIdentity(permutation) || isTransposed ? name : `tf.transpose(${name}, [${permutation.join(', ')}])`;
  const groups = isTransposed ? [inner, outer] : [outer, inner];
  const shape = [...(batch.length === 0 ? [] : [product(batch)]), ...groups.map(product)];
  const isPlain = batch.length <= 1 && outer.length === 1 && inner.length === 1 && axesOf(step).length === shape.length;
  return { text: isPlain ? ordered : `tf.reshape(${ordered}, ${shapeText(shape)})`, isTransposed };
}

function entrywise(
  { step, how, parts }: Entrywise,
  names: readonly string[],
  axesOf: (step: number) => readonly string[],
): string {
  if (parts.length === 0) return `tf.zeros(${shapeText(axesOf(step))})`;
  const texts = parts.map((part) => {
    const text = broadcast(part, names[part.step]!, axesOf(part.step));
    return part.coefficient === 1 ? text : `tf.mul(${text}, ${numberText(part.coefficient)})`;
  });
  return texts.reduce((all, text) => `tf.${how === 'product' ? 'mul' : 'add'}(${all}, ${text})`);
}

/** A part with its axes in the order of the result, and 1 for those it lacks. */
function broadcast({ axes }: EntrywisePart, name: string, own: readonly string[]): string {
  const order = axes.filter((axis) => axis !== undefined);
  const ordered = isIdentity(order) ? name : `tf.transpose(${name}, [${order.join(', ')}])`;
  const inner = axes.slice(axes.findIndex((axis) => axis !== undefined));
  if (order.length === 0 || !inner.includes(undefined)) return ordered;
  return `tf.reshape(${ordered}, ${shapeText(inner.map((axis) => (axis === undefined ? '1' : own[axis]!)))})`;
}
