import { type Expand, resolve } from '../../../../ir/program/index.ts';
import type { Expr } from '../../../../ir/scalar/index.ts';
import {
  degreeName,
  givenName,
  type Layout,
  limitName,
  matrixName,
  type NumberValue,
  type Pass,
  type Routine,
  recordName,
  type SampleRecord,
  type SpatialPlan,
  type Stage,
  type Step,
  seriesName,
  storedOf,
} from '../../../plan/spatial/index.ts';
import { ExpressionPrinter } from '../../reference/expression.ts';
import { blockSteps } from './pointers.ts';
import type { Placement, ScheduledRoutine, ScheduledStage, ScheduledStep } from './schedule.ts';

/** The steps of one routine with addresses in place of names. */
export class RoutineScheduler {
  readonly #routine: Routine;
  readonly #name: 'pair' | 'sample' | 'diagonal';
  readonly #record: SampleRecord;
  readonly #buffers: readonly number[];
  readonly #expansions: readonly Expand[];

  constructor(
    name: 'pair' | 'sample' | 'diagonal',
    routine: Routine,
    record: SampleRecord,
    buffers: readonly number[],
    expansions: readonly Expand[],
  ) {
    this.#name = name;
    this.#routine = routine;
    this.#record = record;
    this.#buffers = buffers;
    this.#expansions = expansions;
  }

  scheduled(plan: SpatialPlan): ScheduledRoutine {
    return {
      stages: this.#routine.stages.map((stage) => this.#stage(stage)),
      weights: plan.program.weights.map((w) => this.#numberAt(w.name)),
      finish: this.#finish(plan),
      ...this.#series(),
    };
  }

  #series(): Pick<ScheduledRoutine, 'tables' | 'series'> {
    const named = this.#expansions.flatMap((s, expansion) =>
      ([0, 1] as const).map((order) => ({ name: seriesName(s.name, order), expansion, order, ...storedOf(s, order) })),
    );
    return {
      tables: named.flatMap(({ name, ...of }) => {
        const at = this.#record.tables.get(name);
        return at === undefined ? [] : [{ ...of, at }];
      }),
      series: named.flatMap(({ name, ...of }) =>
        this.#routine.series.includes(name)
          ? [{ ...of, termsAt: this.#numberAt(degreeName(name)), limitAt: this.#numberAt(limitName(name)) }]
          : [],
      ),
    };
  }

  #stage(stage: Stage): ScheduledStage {
    const step = (s: Step) => this.#step(s);
    return {
      numbers: this.#numbers(stage.numbers),
      clearedArrays: stage.clearedArrays.map((name) => this.#placement(name)),
      clearedNumbers: stage.clearedNumbers.map((name) => this.#numberAt(name)),
      flat: stage.flat.map(step),
      sweeps: stage.sweeps.map((sweep) => ({
        extents: sweep.extents,
        isHalf: sweep.isHalf,
        grids: sweep.grids,
        arrays: sweep.arrays.map((name) => this.#placement(name)),
        steps: sweep.steps.map(step),
      })),
      after: stage.after.map(step),
      scaled: stage.scaled.map(({ name, by }) => ({ at: this.#numberAt(name), by })),
    };
  }

  #numberAt(name: string): number {
    const at = this.#routine.numbers.indexOf(name);
    if (at < 0) throw new Error(`ntkc bug: ${name} is no number of the ${this.#name}`);
    return at;
  }

  #expansionAt(name: string): number {
    return this.#expansions.findIndex((e) => e.name === name);
  }

  /** The outputs, or the numbers of the record. */
  #finish({ outputs }: SpatialPlan): string {
    if (this.#name === 'pair') return this.#code(outputs.map(({ pair }, o) => [`out[${o}]`, pair]));
    if (this.#name === 'diagonal') return this.#code(outputs.map(({ self }, o) => [`out[${o}]`, self]));
    return '';
  }

  /** Where a number of this name goes: some are for the record. */
  #targetOf(name: string): string {
    const recorded = [...this.#record.numbers].find(([of]) => recordName(of) === name);
    return recorded === undefined ? `v[${this.#numberAt(name)}]` : `v[x + ${recorded[1]}]`;
  }

  #placement(name: string): Placement {
    const layout = this.#routine.arrays.get(name) as Layout;
    return { at: (this.#buffers[this.#routine.buffers.get(name) as number] as number) / 8, layout };
  }

  #step(step: Step): ScheduledStep {
    switch (step.kind) {
      case 'pass': {
        const { layout, sampleLayout, cursors, series } = this.#routine.passes[step.pass] as Pass;
        const kept = cursors.flatMap((c) => (c.layout.kept ? [c.layout] : []));
        const blocks = series.size > 0 && { blockSteps: blockSteps(layout.extents) };
        return { kind: 'pass', function: `${this.#name}${step.pass}`, layout, sampleLayout, ...blocks, kept };
      }
      case 'expand':
        return { kind: 'expand', of: this.#placement(step.of), expansion: this.#expansionAt(step.expansion) };
      case 'moment': {
        const [of, to] = [this.#placement(step.of), this.#placement(step.to)];
        return { kind: 'moment', of, to, order: step.order, expansion: this.#expansionAt(step.expansion) };
      }
      case 'patch': {
        const [of, covariance] = [this.#placement(step.of), this.#placement(step.covariance)];
        const [flag, expansion] = [this.#numberAt(step.flag), this.#expansionAt(step.expansion)];
        return { kind: 'patch', of, covariance, flag, order: step.order, expansion };
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
        return { ...step, of: this.#placement(step.of), to: this.#numberAt(step.to) };
      default:
        return { ...step, of: this.#placement(step.of), to: this.#placement(step.to) };
    }
  }

  #recordAt(name: string): Placement {
    return this.#record.arrays.get(name) as Placement;
  }

  #numbers(values: readonly NumberValue[]): string {
    const printer = new ExpressionPrinter(
      values.flatMap((value) => (value.kind === 'map' ? [value.expr] : [])),
      (symbol) => this.#symbol(symbol),
    );
    const line = (value: NumberValue): readonly string[] => {
      if (value.kind === 'map') return assigned(printer, this.#targetOf(value.name), value.expr);
      const expansion = this.#expansionAt(value.expansion);
      if (value.kind === 'expand') return [`formulas.expand(${expansion}, ${this.#symbol(value.variance)});`];
      const to = this.#targetOf(value.name);
      if (value.kind === 'moment') return [`${to} = formulas.moment(${expansion}, ${value.order});`];
      return [`${to} = formulas.dual(${expansion}, ${value.order}, ${this.#symbol(value.covariance)});`];
    };
    return values.flatMap(line).join('\n');
  }

  /** Assignments, one a line. */
  #code(assignments: readonly (readonly [string, Expr])[]): string {
    const printer = new ExpressionPrinter(
      assignments.map(([, e]) => e),
      (symbol) => this.#symbol(symbol),
    );
    return assignments.flatMap(([to, e]) => assigned(printer, to, e)).join('\n');
  }

  #symbol(symbol: string): string {
    const { name, at } = resolve(symbol);
    if (this.#name !== 'pair' || at === 'here') return `v[${this.#numberAt(symbol)}]`;
    return `v[${at} + ${this.#record.numbers.get(name)}]`;
  }
}

function assigned(printer: ExpressionPrinter, to: string, e: Expr): readonly string[] {
  const { declarations, text } = printer.print(e);
  return [...declarations, `${to} = ${text};`];
}
