/** A spatial plan as the bytes of a module and the schedule of its driver. */
import { resolve } from '../../../../ir/program/index.ts';
import type { Expr } from '../../../../ir/scalar/index.ts';
import {
  cellsOfGrid,
  givenName,
  type Layout,
  matrixName,
  type Pass,
  type Routine,
  recordName,
  type SampleRecord,
  type SpatialPlan,
  type Stage,
  type Step,
} from '../../../plan/spatial/index.ts';
import { ExpressionPrinter } from '../../reference/expression.ts';
import { encodeModule, type WasmModule } from '../assembler/index.ts';
import { elements } from '../element.ts';
import { ConstantPool } from '../lanes.ts';
import { hasRelaxed } from '../relaxed.ts';
import { passFunction } from './pass.ts';
import { paddedColumns, productFunction } from './product.ts';
import type {
  GivenArray,
  Placement,
  ScheduledRoutine,
  ScheduledStage,
  ScheduledStep,
  SpatialSchedule,
} from './schedule.ts';

export type {
  GivenArray,
  PassCall,
  PlacedStep,
  Placement,
  ScheduledRoutine,
  ScheduledStage,
  ScheduledStep,
  ScheduledSweep,
  SpatialSchedule,
} from './schedule.ts';

export interface SpatialModule {
  readonly module: WasmModule;
  readonly schedule: SpatialSchedule;
}

const aligned = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export function spatialModule(plan: SpatialPlan, relaxed: boolean): SpatialModule {
  const routines = [
    { name: 'pair', routine: plan.pair, record: plan.sampleRecord },
    { name: 'sample', routine: plan.sample, record: plan.sampleRecord },
    { name: 'diagonal', routine: plan.diagonal, record: plan.diagonalRecord },
  ] as const;
  let at = aligned(8 * Math.max(...routines.map(({ routine }) => routine.numbers.length)));
  const buffers = plan.buffers.map(({ size }) => {
    const here = at;
    at = aligned(at + 8 * size);
    return here;
  });
  const columns = paddedColumns(plan.contracted);
  const scratch = at;
  at += 8 * 3 * columns * columns;
  const constants = new ConstantPool(at, elements.float64);
  const functions = routines.flatMap(({ name, routine, record }) =>
    routine.passes.map((pass, k) =>
      passFunction(`${name}${k}`, pass, { channels: plan.channels, routine, record, buffers, constants, relaxed }),
    ),
  );
  const bytes = constants.bytes();
  const [pair, sample, diagonal] = routines.map(({ name, routine, record }) =>
    scheduled(new RoutineScheduler(name, routine, record, buffers), plan),
  ) as [ScheduledRoutine, ScheduledRoutine, ScheduledRoutine];
  const heap = aligned(at + bytes.length) / 8;
  return {
    module: {
      head: [],
      memory: { minimumPages: Math.ceil((at + bytes.length) / 65536), maximumPages: 65536, shared: false },
      functions: plan.contracted === 0 ? functions : [...functions, productFunction(columns, relaxed)],
      data: { offset: at, bytes },
    },
    schedule: { ...sizesOf(plan), scratch: scratch / 8, scratchColumns: columns, heap, pair, sample, diagonal },
  };
}

const sizesOf = (plan: SpatialPlan) => ({
  features: plan.program.features,
  channels: plan.channels,
  inputLayout: plan.inputLayout,
  outputs: plan.outputs.length,
  cellsOfPair: plan.pair.passes.reduce((sum, { layout }) => sum + cellsOfGrid(layout), 0),
  recordSize: plan.sampleRecord.size,
  diagonalRecordSize: plan.diagonalRecord.size,
  given: givenArrays(plan, plan.sampleRecord),
  givenOfDiagonal: givenArrays(plan, plan.diagonalRecord),
});

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

function scheduled(scheduler: RoutineScheduler, plan: SpatialPlan): ScheduledRoutine {
  return {
    stages: scheduler.routine.stages.map((stage) => scheduler.stage(stage)),
    weights: plan.program.weights.map((w) => scheduler.numberAt(w.name)),
    finish: scheduler.finish(plan),
  };
}

class RoutineScheduler {
  readonly routine: Routine;
  readonly #name: 'pair' | 'sample' | 'diagonal';
  readonly #record: SampleRecord;
  readonly #buffers: readonly number[];

  constructor(
    name: 'pair' | 'sample' | 'diagonal',
    routine: Routine,
    record: SampleRecord,
    buffers: readonly number[],
  ) {
    this.#name = name;
    this.routine = routine;
    this.#record = record;
    this.#buffers = buffers;
  }

  stage(stage: Stage): ScheduledStage {
    const step = (s: Step) => this.#step(s);
    return {
      numbers: this.#code(stage.numbers.map(({ name, expr }) => [this.#targetOf(name), expr])),
      clearedArrays: stage.clearedArrays.map((name) => this.#placement(name)),
      clearedNumbers: stage.clearedNumbers.map((name) => this.numberAt(name)),
      flat: stage.flat.map(step),
      sweeps: stage.sweeps.map((sweep) => ({
        extents: sweep.extents,
        isHalf: sweep.isHalf,
        grids: sweep.grids,
        arrays: sweep.arrays.map((name) => this.#placement(name)),
        steps: sweep.steps.map(step),
      })),
      after: stage.after.map(step),
      scaled: stage.scaled.map(({ name, by }) => ({ at: this.numberAt(name), by })),
    };
  }

  numberAt(name: string): number {
    const at = this.routine.numbers.indexOf(name);
    if (at < 0) throw new Error(`ntkc bug: ${name} is no number of the ${this.#name}`);
    return at;
  }

  /** The outputs, or the numbers of the record. */
  finish({ outputs }: SpatialPlan): string {
    if (this.#name === 'pair') return this.#code(outputs.map(({ pair }, o) => [`out[${o}]`, pair]));
    if (this.#name === 'diagonal') return this.#code(outputs.map(({ self }, o) => [`out[${o}]`, self]));
    return '';
  }

  /** Where a number of this name goes: some are for the record. */
  #targetOf(name: string): string {
    const recorded = [...this.#record.numbers].find(([of]) => recordName(of) === name);
    return recorded === undefined ? `v[${this.numberAt(name)}]` : `v[x + ${recorded[1]}]`;
  }

  #placement(name: string): Placement {
    const layout = this.routine.arrays.get(name) as Layout;
    return { at: (this.#buffers[this.routine.buffers.get(name) as number] as number) / 8, layout };
  }

  #step(step: Step): ScheduledStep {
    switch (step.kind) {
      case 'pass': {
        const { layout, sampleLayout, cursors } = this.routine.passes[step.pass] as Pass;
        const kept = cursors.flatMap((c) => (c.layout.kept ? [c.layout] : []));
        return { kind: 'pass', function: `${this.#name}${step.pass}`, layout, sampleLayout, kept };
      }
      case 'fix':
        return { kind: 'fix', of: this.#placement(step.of), self: this.#placement(step.self) };
      case 'given':
        return { kind: 'given', to: this.#placement(step.to), from: this.#recordAt(givenName(step.to)).at };
      case 'record':
        return { kind: 'record', of: this.#placement(step.of), to: this.#recordAt(matrixName(step.as)).at };
      case 'contract': {
        const { matrix, inRecords } = step;
        return {
          ...step,
          of: this.#placement(step.of),
          to: this.#placement(step.to),
          matrix: inRecords ? this.#recordAt(matrixName(matrix)) : this.#placement(matrix),
        };
      }
      case 'sum':
        return { ...step, of: this.#placement(step.of), to: this.numberAt(step.to) };
      default:
        return { ...step, of: this.#placement(step.of), to: this.#placement(step.to) };
    }
  }

  #recordAt(name: string): Placement {
    return this.#record.arrays.get(name) as Placement;
  }

  /** Assignments, one a line. */
  #code(assignments: readonly (readonly [string, Expr])[]): string {
    const printer = new ExpressionPrinter(
      assignments.map(([, e]) => e),
      (symbol) => this.#symbol(symbol),
    );
    return assignments
      .flatMap(([to, e]) => {
        const { declarations, text } = printer.print(e);
        return [...declarations, `${to} = ${text};`];
      })
      .join('\n');
  }

  #symbol(symbol: string): string {
    const { name, at } = resolve(symbol);
    if (this.#name !== 'pair' || at === 'here') return `v[${this.numberAt(symbol)}]`;
    return `v[${at} + ${this.#record.numbers.get(name)}]`;
  }
}
