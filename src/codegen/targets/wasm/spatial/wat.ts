/** A spatial plan as readable text (.wat), the instructions whose bytes run, and in which order its functions are called. */
import type { Program } from '../../../../ir/program/index.ts';
import type { SampleRecord, SpatialPlan } from '../../../plan/spatial/index.ts';
import { memoryImport, printModule } from '../assembler/index.ts';
import { spatialModule } from './index.ts';
import { requirePlan } from './require.ts';
import type { ScheduledRoutine, ScheduledStep, SpatialSchedule } from './schedule.ts';

/** As generateWat, for inputs with positions. */
export function generateSpatialWat(program: Program, header: readonly string[]): string {
  const plan = requirePlan(program);
  const { module, schedule } = spatialModule(plan, false);
  const head = [...header, '', ...callLines(plan, schedule)].flatMap((line) => line.split(/[\r\n]/));
  return printModule({ ...module, head });
}

function callLines(plan: SpatialPlan, schedule: SpatialSchedule): readonly string[] {
  return [
    `Imports a memory as ${memoryImport.map((name) => JSON.stringify(name)).join(' ')}; bytes from ${8 * schedule.heap} on are for records of samples.`,
    'Each function is a pass over the cells of one grid: positions p, or pairs of positions (p, p + d) of one difference d',
    'along all axes but the last. Addresses count bytes, all numbers are float64.',
    '  $rowsA     positions along axis A that have one at that difference',
    '  $x, $y     record of the sample x at its first position p, of y at its first p + d: the address of the position in the',
    '             first array of the record; the others lie as far behind it as they begin in the record',
    '  $xRecord, $yRecord  the records themselves, for their numbers',
    '  $fromK     of arrays over all (p, p + d): from their first cell to that of the difference',
    'Arrays have zeros between their rows, so that what a window reads beyond the ends is 0.',
    ...recordLines('A record', plan.sampleRecord),
    ...recordLines('The record of a sample on the diagonal', plan.diagonalRecord),
    ...routineLines('For a sample, into its record', schedule.sample),
    ...routineLines('For a pair', schedule.pair),
    ...routineLines('For an entry of the diagonal', schedule.diagonal),
  ];
}

const recordLines = (title: string, { arrays, numbers, size }: SampleRecord): readonly string[] => [
  `${title}, ${8 * size} bytes:`,
  ...[...arrays].map(([name, { at, layout }]) => `  ${8 * at}  ${name} [${layout.extents.join('x')}]`),
  ...[...numbers].map(([name, at]) => `  ${8 * at}  ${name}`),
];

function routineLines(title: string, { stages, finish }: ScheduledRoutine): readonly string[] {
  const code = (text: string) => (text === '' ? [] : text.split('\n').map((line) => `  ${line}`));
  return [
    `${title} (v: memory as float64; x, y: where the records begin there):`,
    ...stages.flatMap(({ numbers, flat, sweeps, after, scaled }) => [
      ...code(numbers),
      ...flat.map((step) => `  ${stepText(step)}`),
      ...sweeps.flatMap(({ extents, steps }) => [
        `  for each difference along axes of ${extents.join(', ') || 'none'}: ${steps.map(stepText).join('; ')}`,
      ]),
      ...after.map((step) => `  ${stepText(step)}`),
      ...scaled.map(({ at, by }) => `  v[${at}] = ${by} * v[${at}]`),
    ]),
    ...code(finish),
  ];
}

function stepText(step: ScheduledStep): string {
  switch (step.kind) {
    case 'pass':
      return step.function;
    case 'sum':
      return `v[${step.to}] += sum over ${step.over} of the array at ${8 * step.of.at}`;
    case 'given':
      return `array at ${8 * step.to.at} = what is at ${8 * step.from} of the record`;
    case 'record':
      return `array at ${8 * step.of.at} to ${8 * step.to} of the record`;
    case 'fix':
      return `where p = p' the array at ${8 * step.of.at} is that at ${8 * step.self.at}`;
    case 'expand':
      return `coefficients of formula ${step.expansion} under the variances at ${8 * step.of.at}, into the record`;
    case 'moment':
      return `array at ${8 * step.to.at} = E φ² of formula ${step.expansion}, derivative ${step.order}`;
    case 'patch':
      return `what is NaN of the array at ${8 * step.of.at} by quadrature`;
    default:
      return `array at ${8 * step.to.at} = ${step.kind} of the array at ${8 * step.of.at}`;
  }
}
