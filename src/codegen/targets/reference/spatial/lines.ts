/** Text of the steps of one part of a program. */
import { atX, atY } from '../../../../ir/program/index.ts';
import type { Part } from './layout.ts';
import { type Around, runLines } from './loops.ts';
import type { Step } from './steps.ts';
import type { Tables } from './tables.ts';

export interface PartText extends Around {
  readonly tables: Tables;
  /** Whether the part computes pairs: two samples have two matrices. */
  readonly isPair: boolean;
}

export const stepLines = (step: Step, text: PartText): readonly string[] =>
  step.kind === 'run' ? runLines(step, text) : [`${stepText(step, text)};`];

function stepText(step: Exclude<Step, { kind: 'run' }>, { tables, isPair, helpers }: PartText): string {
  const call = (helper: string, ...parameters: readonly (string | number)[]) => {
    helpers.add(helper);
    return `${helper}(${parameters.join(', ')})`;
  };
  const out = 'out' in step ? step.out.name : '';
  switch (step.kind) {
    case 'shift': {
      const table = tables.reads(step.reads, step.axis[1]);
      return call(step.both ? 'shiftBoth' : 'shift', step.of, `[${step.axis.join(', ')}]`, table, step.scale, out);
    }
    case 'weigh':
      return call('weigh', step.of, `[${step.axis.join(', ')}]`, tables.rows(step.rows, step.axis[1]), out);
    case 'diagonal':
      return call('diagonal', step.of, step.positions, out);
    case 'fromLeft':
      return call('fromLeft', isPair ? atX(step.matrix) : step.matrix, step.of, step.positions, out);
    case 'fromRight':
    case 'rowProducts':
      return call(step.kind, step.of, isPair ? atY(step.matrix) : step.matrix, step.positions, out);
    case 'softmax':
      return call('softmax', step.of, step.positions, out);
    case 'total': {
      const sum = call('total', step.of, ...(step.step === 1 ? [] : [step.step]));
      return `const ${step.name} = ${step.scale === 1 ? '' : `${step.scale} * `}${sum}`;
    }
    case 'expand': {
      const { name, variance, grid } = step.statement;
      return `const ${name}At = ${name}.prepare(${grid === undefined ? `Float64Array.of(${variance})` : variance})`;
    }
    case 'given':
      return `const ${step.name} = given.${step.from}.subarray(i * ${step.size}, (i + 1) * ${step.size})`;
  }
}

/** Declarations of arrays that share memory: the first of a buffer, and those that take its place. */
export function memoryLines({ memory: { buffers, arrays } }: Part): readonly string[] {
  const owners = new Map<number, string>();
  const declared = arrays.flatMap(({ name, size, letters, buffer }) => {
    const whole = buffers[buffer] as number;
    const owner = owners.get(buffer);
    const from = owner ?? (size === whole ? undefined : `memory${buffer + 1}`);
    owners.set(buffer, from ?? name);
    const lines = owner === undefined && from !== undefined ? [`const ${from} = new Float64Array(${whole});`] : [];
    const place =
      from === undefined ? `new Float64Array(${size})` : size === whole ? from : `${from}.subarray(0, ${size})`;
    return [...lines, `const ${name} = ${place}; // ${letters}`];
  });
  return declared.length === 0 ? [] : ['// Arrays; some take the memory of others that are read no more.', ...declared];
}
