/** Steps of a plan as calls of a TensorEngine, `e`; axes are letters, those of samples from a, of units from i. */
import { BLOCK, inputsOf } from '../../../ir/einsum/plan/index.ts';
import { SAMPLES } from '../../../ir/hierarchy/index.ts';
import type { BlockLoop, BodyContext, BodySpelling } from '../body.ts';
import { type Entrywise, type EntrywisePart, lower, type MatrixProduct, type Operand } from '../lower.ts';
import { lastUses } from '../schedule.ts';

export function spellWasm(context: BodyContext): BodySpelling {
  const { names, axesOf } = context;
  const inside = productsInside(context);
  const freed = freedAfter(context, new Set(inside.keys()));
  return {
    row: ({ name, whole }, sample) => `const ${name} = e.row(${whole}, ${sample});`,
    matrixProduct: (operation, name) => [`const ${name} = ${contraction(operation, context, inside)};`],
    entrywise: (operation, name) =>
      inside.has(operation.step)
        ? ['// (made where it is read)']
        : [`const ${name} = ${entrywise(operation, names, axesOf)};`],
    blocks: blockLines,
    free: (step) => {
      const made = freed(step).map((at) => names[at]!);
      return made.length === 0 ? [] : [`e.free(${made.join(', ')});`];
    },
  };
}

/** Entrywise products of which one contraction is the only reader, in the same loop: their parts go into it as they are. */
function productsInside({ plan, schedule }: BodyContext): ReadonlyMap<number, Entrywise> {
  const operations = lower(plan);
  const readers = (step: number) => plan.steps.flatMap((s, at) => inputsOf(s).flatMap((i) => (i === step ? [at] : [])));
  const found = new Map<number, Entrywise>();
  for (const operation of operations) {
    if (operation.kind !== 'entrywise' || operation.how !== 'product' || operation.step === plan.result) continue;
    const [only, ...more] = readers(operation.step);
    const reader = operations.find(({ step }) => step === only);
    if (reader?.kind !== 'matrixProduct' || more.length > 0) continue;
    if (reader.rows.length === 0 || reader.cols.length === 0) continue;
    if (schedule.depths[operation.step] === schedule.depths[reader.step]) found.set(operation.step, operation);
  }
  return found;
}

/** Tensors that no later step reads. */
function freedAfter({ plan, schedule: { depths } }: BodyContext, inside: ReadonlySet<number>) {
  const last = lastUses(plan.steps, depths, inside);
  const isMade = (at: number) => plan.steps[at]!.kind !== 'tensor' && !inside.has(at);
  return (step: number): readonly number[] =>
    last.flatMap((until, at) => (until === step && at !== step && isMade(at) ? [at] : []));
}

/** A letter for each axis. */
function lettersOf(axes: readonly string[]): readonly string[] {
  let [sample, unit] = [0, 0];
  return axes.map((axis) => (axis === SAMPLES ? 'abcdefgh'[sample++]! : 'ijklmopqrstuvw'[unit++]!));
}

function contraction(
  { left, right, batch, rows, cols, inner }: MatrixProduct,
  { names }: BodyContext,
  inside: ReadonlyMap<number, Entrywise>,
): string {
  const letters = lettersOf([...batch, ...rows, ...cols, ...inner]);
  const [second, third] = [batch.length + rows.length, batch.length + rows.length + cols.length];
  const [first, summed] = [letters.slice(0, batch.length), letters.slice(third)];
  const side = ({ step, permutation }: Operand, outer: readonly string[]): string => {
    const walked = [...first, ...outer, ...summed];
    const own = permutation.map((_, axis) => walked[permutation.indexOf(axis)]!);
    const product = inside.get(step);
    const parts = product === undefined ? [labelled(own, names[step]!)] : partsOf(product, own, names);
    return `[${parts.join(', ')}]`;
  };
  const sides = [side(left, letters.slice(batch.length, second)), side(right, letters.slice(second, third))];
  return `e.contract('${letters.slice(0, third).join('')}', ${sides.join(', ')})`;
}

const labelled = (letters: readonly string[], name: string): string => `['${letters.join('')}', ${name}]`;

const lettersOfPart = ({ axes }: EntrywisePart, letters: readonly string[]): readonly string[] => {
  const own = axes.flatMap((axis, k) => (axis === undefined ? [] : [{ axis, letter: letters[k]! }]));
  return own.toSorted((a, b) => a.axis - b.axis).map(({ letter }) => letter);
};

const partsOf = ({ parts }: Entrywise, letters: readonly string[], names: readonly string[]): readonly string[] =>
  parts.map((part) => labelled(lettersOfPart(part, letters), names[part.step]!));

function entrywise(
  operation: Entrywise,
  names: readonly string[],
  axesOf: (step: number) => readonly string[],
): string {
  const axes = axesOf(operation.step);
  const letters = lettersOf(axes);
  const out = `'${letters.join('')}'`;
  if (operation.how === 'product') return `e.product(${[out, ...partsOf(operation, letters, names)].join(', ')})`;
  const parts = operation.parts.map(
    (part) => `[${part.coefficient}, '${lettersOfPart(part, letters).join('')}', ${names[part.step]}]`,
  );
  return `e.sum(${[`[${axes.join(', ')}]`, out, ...parts].join(', ')})`;
}

/** A loop over blocks, which share the memory of the whole; what it makes is added up, or put side by side. */
function blockLines({ sliced, name, part, cuts, lines }: BlockLoop): readonly string[] {
  const { axis, block, kept, axes } = sliced;
  const shape = `[${axes.join(', ')}]`;
  const letters = `'${lettersOf(axes).join('')}'`;
  const gather =
    kept === undefined ? `e.add(${name}, ${part});` : `e.copy(e.block(${name}, ${kept}, from, ${BLOCK}), ${part});`;
  const inside = [
    `const ${BLOCK} = Math.min(${block}, ${axis} - from);`,
    'const before = e.mark();',
    ...cuts.map((cut) => `const ${cut.name} = e.block(${cut.whole}, ${cut.cut}, from, ${BLOCK});`),
    ...lines,
    gather,
    'e.release(before);',
  ];
  return [
    `const ${name} = e.sum(${shape}, ${letters});`,
    `for (let from = 0; from < ${axis}; from += ${block}) {`,
    ...inside.map((line) => `  ${line}`),
    '}',
  ];
}
