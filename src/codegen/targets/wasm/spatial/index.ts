/** A spatial plan as the bytes of a module and the schedule of its driver. */
import type { Expand } from '../../../../ir/program/index.ts';
import type { Expr } from '../../../../ir/scalar/index.ts';
import { cellsOfGrid, givenName, type SampleRecord, type SpatialPlan } from '../../../plan/spatial/index.ts';
import { ExpressionPrinter } from '../../reference/expression.ts';
import { encodeModule, type WasmModule } from '../assembler/index.ts';
import { elements } from '../element.ts';
import { ConstantPool } from '../lanes.ts';
import { hasRelaxed } from '../relaxed.ts';
import { termsTable, termsTableBytes } from '../series.ts';
import { combinedNumbers, combineFunction } from './combine.ts';
import { passFunction } from './pass.ts';
import { paddedColumns, productFunction } from './product.ts';
import type { GivenArray, ScheduledExpansion, ScheduledRoutine, SpatialSchedule } from './schedule.ts';
import { RoutineScheduler } from './scheduler.ts';

export type {
  GivenArray,
  PassCall,
  PlacedStep,
  Placement,
  ScheduledExpansion,
  ScheduledRoutine,
  ScheduledSeries,
  ScheduledStage,
  ScheduledStep,
  ScheduledSweep,
  ScheduledTable,
  SpatialSchedule,
} from './schedule.ts';

export interface SpatialModule {
  readonly module: WasmModule;
  readonly schedule: SpatialSchedule;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

/** Where everything begins, in bytes: numbers at 0, arrays, room for contractions and combinations, what the module brings. */
function placesOf(plan: SpatialPlan, numbers: number) {
  let at = aligned(8 * numbers);
  const place = (bytes: number) => {
    const here = at;
    at = aligned(at + bytes);
    return here;
  };
  const buffers = plan.buffers.map(({ size }) => place(8 * size));
  const columns = paddedColumns(plan.contracted);
  const scratch = place(8 * 3 * columns * columns);
  const hasTables = plan.sampleRecord.tables.size + plan.diagonalRecord.tables.size > 0;
  const mostDegree = Math.max(0, ...plan.expansions.map((e) => e.maxDegree));
  const combined = hasTables ? place(8 * combinedNumbers(mostDegree)) : undefined;
  const tolerances = [...new Set(plan.expansions.map((e) => e.tolerance))];
  const terms = new Map(tolerances.map((tolerance, k) => [tolerance, at + k * termsTableBytes]));
  const data = place(tolerances.length * termsTableBytes);
  return { buffers, columns, scratch, combined, terms, data, constants: at };
}

export function spatialModule(plan: SpatialPlan, relaxed: boolean): SpatialModule {
  const routines = [
    { name: 'pair', routine: plan.pair, record: plan.sampleRecord },
    { name: 'sample', routine: plan.sample, record: plan.sampleRecord },
    { name: 'diagonal', routine: plan.diagonal, record: plan.diagonalRecord },
  ] as const;
  const places = placesOf(plan, Math.max(...routines.map(({ routine }) => routine.numbers.length)));
  const { buffers, columns, scratch, combined, terms, data } = places;
  const constants = new ConstantPool(places.constants, elements.float64);
  const functions = routines.flatMap(({ name, routine, record }) => {
    const memory = { channels: plan.channels, routine, record, buffers, constants, terms, relaxed };
    return routine.passes.map((pass, k) => passFunction(`${name}${k}`, pass, memory));
  });
  const bytes = dataOf(places, constants.bytes());
  const [pair, sample, diagonal] = routines.map(({ name, routine, record }) =>
    new RoutineScheduler(name, routine, record, buffers, plan.expansions).scheduled(plan),
  ) as [ScheduledRoutine, ScheduledRoutine, ScheduledRoutine];
  const heap = aligned(data + bytes.length) / 8;
  const room = {
    scratch: scratch / 8,
    scratchColumns: columns,
    ...(combined !== undefined && { combined: combined / 8 }),
  };
  return {
    module: {
      head: [],
      memory: { minimumPages: Math.ceil((data + bytes.length) / 65536), maximumPages: 65536, shared: false },
      functions: [
        ...functions,
        ...(plan.contracted === 0 ? [] : [productFunction(columns, relaxed)]),
        ...(combined === undefined ? [] : [combineFunction(relaxed)]),
      ],
      data: { offset: data, bytes },
    },
    schedule: { ...sizesOf(plan), ...room, heap, pair, sample, diagonal },
  };
}

/** Tables of terms, and constants. */
function dataOf({ terms, data, constants }: ReturnType<typeof placesOf>, numbers: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(constants - data + numbers.length);
  for (const [tolerance, at] of terms) bytes.set(new Uint8Array(termsTable(tolerance).buffer), at - data);
  bytes.set(numbers, constants - data);
  return bytes;
}

const sizesOf = (plan: SpatialPlan) => ({
  features: plan.program.features,
  channels: plan.channels,
  inputLayout: plan.inputLayout,
  outputs: plan.outputs.length,
  expansions: plan.expansions.map(scheduledExpansion),
  cellsOfPair: plan.pair.passes.reduce((sum, { layout }) => sum + cellsOfGrid(layout), 0),
  recordSize: plan.sampleRecord.size,
  diagonalRecordSize: plan.diagonalRecord.size,
  given: givenArrays(plan, plan.sampleRecord),
  givenOfDiagonal: givenArrays(plan, plan.diagonalRecord),
});

function scheduledExpansion({ phi, dphi, kinks, tolerance, maxDegree, grid }: Expand): ScheduledExpansion {
  const code = (e: Expr) => {
    const { declarations, text } = new ExpressionPrinter([e], (name) => name).print(e);
    return [...declarations, `return ${text};`].join('\n');
  };
  return { phi: code(phi), dphi: code(dphi), kinks, tolerance, maxDegree, extents: grid?.extents ?? [] };
}

/** The bytes of a plan's module for this machine, and its schedule. */
export function loadableSpatial(plan: SpatialPlan, relaxed: boolean = hasRelaxed()) {
  const { module, schedule } = spatialModule(plan, relaxed);
  return { bytes: encodeModule(module), schedule };
}

/** What comes with samples, where their record has it. */
function givenArrays({ program }: SpatialPlan, { arrays }: SampleRecord): readonly GivenArray[] {
  return program.statements.flatMap(({ name, kind }) => {
    const place = arrays.get(givenName(name));
    return place !== undefined && (kind === 'pattern' || kind === 'present') ? [{ name: kind, ...place }] : [];
  });
}
