/** Text of the steps of one part of a program. */
import { atX, atY } from '../../../../ir/program/index.ts';
import { indent } from '../naming.ts';
import type { Block, Repeated } from './blocks.ts';
import type { Part } from './layout.ts';
import { type Around, runLines } from './loops.ts';
import type { CopyStep, Run, Step } from './steps.ts';
import type { Tables } from './tables.ts';

export interface PartText extends Around {
  readonly tables: Tables;
  /** The part computes pairs: two samples have two matrices. */
  readonly isPair: boolean;
  /** What the text calls the arrays that are no values of statements. */
  readonly between: ReadonlyMap<string, string>;
  /** The buffers of arrays that share memory. */
  readonly places: ReadonlyMap<string, number>;
  /** What stands in a loop over layers before their steps, after these, and after the loop. */
  readonly around: (block: Repeated) => Readonly<Record<'first' | 'last' | 'after', readonly string[]>>;
}

export const blockLines = (block: Block, text: PartText): readonly string[] =>
  block.kind === 'straight' ? block.steps.flatMap((step) => stepLines(step, text)) : loopLines(block, text);

/** One loop over layers; what is read after it has its name again. */
function loopLines(block: Repeated, text: PartText): readonly string[] {
  const { loop, steps, enter, next, leave, variables, numbers } = block;
  const { first, last, after } = text.around(block);
  const copies = (list: Repeated['next']) => list.flatMap((step) => stepLines(step, text));
  const stay = next.filter((step) => isInPlace(step, text));
  const held = new Map(variables.map(({ variable, own }) => [own.name, variable]));
  const alone = numbers.filter(({ own }) => !held.has(own.name));
  const lastOf = (name: string) => held.get(name) ?? `${name}Last`;
  return [
    `// ${loop.times} layers that repeat, called as the first of them.`,
    ...variables.map(({ variable, initial }) => `let ${variable} = ${initial};`),
    ...alone.map(({ own }) => `let ${lastOf(own.name)} = 0;`),
    ...copies(enter),
    `for (let layer = 0; layer < ${loop.times}; layer++) {`,
    ...indent([
      ...first,
      ...steps.flatMap((step) => stepLines(step, text)),
      ...last,
      ...stay.map(({ of, out }) => `// ${of} stands where ${out.name} was: the next layer reads it there.`),
      ...copies(next),
      ...variables.map(({ variable, own }) => `${variable} = ${own.name};`),
      ...alone.map(({ own }) => `${lastOf(own.name)} = ${own.name};`),
    ]),
    '}',
    ...copies(leave),
    ...numbers.map(({ name, own }) => `const ${name} = ${lastOf(own.name)};`),
    ...after,
  ];
}

/** Whether both arrays are the same memory. */
function isInPlace({ of, out }: CopyStep, { places }: PartText): boolean {
  const place = places.get(of);
  return place !== undefined && place === places.get(out.name);
}

function stepLines(step: Step, text: PartText): readonly string[] {
  if (step.kind === 'run') return runLines(step, text);
  if (step.kind === 'copy' && isInPlace(step, text)) return [];
  return [...(step.note === undefined ? [] : [`// ${step.note}`]), `${stepText(step, text)};`];
}

function stepText(step: Exclude<Step, Run>, { tables, isPair, helpers, between }: PartText): string {
  const call = (helper: string, ...parameters: readonly (string | number)[]) => {
    helpers.add(helper);
    return `${helper}(${parameters.join(', ')})`;
  };
  const nameOf = (name: string) => between.get(name) ?? name;
  const out = 'out' in step ? nameOf(step.out.name) : '';
  const of = 'of' in step ? nameOf(step.of) : '';
  switch (step.kind) {
    case 'shift': {
      const table = tables.reads(step.reads, step.axis[1]);
      return call(step.both ? 'shiftBoth' : 'shift', of, `[${step.axis.join(', ')}]`, table, step.scale, out);
    }
    case 'weigh':
      return call('weigh', of, `[${step.axis.join(', ')}]`, tables.rows(step.rows, step.axis[1]), out);
    case 'diagonal':
      return call('diagonal', of, step.positions, out);
    case 'fromLeft':
      return call('fromLeft', isPair ? atX(step.matrix) : step.matrix, of, step.positions, out);
    case 'fromRight':
    case 'rowProducts':
      return call(step.kind, of, isPair ? atY(step.matrix) : step.matrix, step.positions, out);
    case 'softmax':
      return call('softmax', of, step.positions, out);
    case 'total': {
      const sum = call('total', of, ...(step.step === 1 ? [] : [step.step]));
      return `const ${step.name} = ${step.scale === 1 ? '' : `${step.scale} * `}${sum}`;
    }
    case 'expand': {
      const { name, variance, grid } = step.statement;
      if (grid === undefined) return `const ${name}At = ${name}.prepare(Float64Array.of(${variance}))`;
      return `const ${name}At = ${call('expandMany', name, variance)}`;
    }
    case 'copy':
      return `${out}.set(${of})`;
    case 'given':
      return `const ${step.name} = given.${step.from}.subarray(i * ${step.size}, (i + 1) * ${step.size})`;
  }
}

const memoryName = (buffer: number) => `memory${buffer + 1}`;

/** Names of the arrays that are no values of statements: those of their memory. */
export const betweenNames = ({ memory, stored }: Part): ReadonlyMap<string, string> =>
  new Map(memory.arrays.flatMap(({ name, buffer }) => (stored.has(name) ? [] : [[name, memoryName(buffer)]])));

/** Declarations of memory, and of the values that take turns in it. */
export function memoryLines({ memory: { buffers, arrays }, stored }: Part): readonly string[] {
  if (buffers.length === 0) return [];
  return [
    '// Memory, and the arrays that take turns in it.',
    ...buffers.map((size, buffer) => `const ${memoryName(buffer)} = new Float64Array(${size});`),
    ...arrays.flatMap(({ name, size, letters, buffer }) => {
      const part = size === buffers[buffer] ? '' : `.subarray(0, ${size})`;
      return stored.has(name) ? [`const ${name} = ${memoryName(buffer)}${part}; // ${letters}`] : [];
    }),
  ];
}
