/** Text of the steps of one part of a program. */
import { atX, atY } from '../../../../ir/program/index.ts';
import type { Part } from './layout.ts';
import { type Around, runLines } from './loops.ts';
import type { Run, Step } from './steps.ts';
import type { Tables } from './tables.ts';

export interface PartText extends Around {
  readonly tables: Tables;
  /** The part computes pairs: two samples have two matrices. */
  readonly isPair: boolean;
  /** What the text calls the arrays that are no values of statements. */
  readonly between: ReadonlyMap<string, string>;
}

export const stepLines = (step: Step, text: PartText): readonly string[] => [
  ...(step.note === undefined ? [] : [`// ${step.note}`]),
  ...(step.kind === 'run' ? runLines(step, text) : [`${stepText(step, text)};`]),
];

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
