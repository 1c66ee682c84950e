/** Steps of a plan as tfjs calls. */
import { BLOCK } from '../../../ir/einsum/plan/index.ts';
import { numberText } from '../../targets/tfjs/math.ts';
import type { BlockLoop, BodyContext, BodySpelling } from '../body.ts';
import { type Entrywise, type EntrywisePart, isIdentity, type MatrixProduct, type Operand, product } from '../lower.ts';

export const spellTfjs = ({ names, schedule, axesOf }: BodyContext): BodySpelling => ({
  row: ({ name, whole }, sample) => `const ${name} = row(${whole}, ${sample});`,
  matrixProduct: (operation, name) => [`const ${name} = ${matrixProduct(operation, names, axesOf)};`],
  entrywise: (operation, name) => [`const ${name} = ${entrywise(operation, names, axesOf)};`],
  blocks: blockLines,
  free: (step) => {
    const freed = schedule.freedAfter(step).map((at) => names[at]!);
    return freed.length === 0 ? [] : [`tf.dispose([${freed.join(', ')}]);`];
  },
});

/** A loop over blocks; what it makes is added up, or put side by side. */
function blockLines({ sliced, name, part, cuts, lines }: BlockLoop): readonly string[] {
  const { axis, block, kept, axes } = sliced;
  const parts = `${name}Blocks`;
  const inside = [
    ...cuts.map((cut) => `const ${cut.name} = blockOf(${cut.whole}, ${cut.cut}, from, ${BLOCK});`),
    ...lines,
  ];
  return [
    kept === undefined ? `let ${name}: tf.Tensor = tf.zeros(${shapeText(axes)});` : `const ${parts}: tf.Tensor[] = [];`,
    `for (let from = 0; from < ${axis}; from += ${block}) {`,
    `  const ${BLOCK} = Math.min(${block}, ${axis} - from);`,
    kept === undefined ? `  const sum: tf.Tensor = tf.tidy(() => {` : `  const part: tf.Tensor = tf.tidy(() => {`,
    ...inside.map((line) => `    ${line}`),
    kept === undefined ? `    return tf.add(${name}, ${part});` : `    return ${part};`,
    '  });',
    ...(kept === undefined ? [`  ${name}.dispose();`, `  ${name} = sum;`] : [`  ${parts}.push(part);`]),
    '}',
    ...(kept === undefined ? [] : [`const ${name} = tf.concat(${parts}, ${kept});`, `tf.dispose(${parts});`]),
  ];
}

const shapeText = (axes: readonly string[]): string => `[${axes.join(', ')}]`;

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
