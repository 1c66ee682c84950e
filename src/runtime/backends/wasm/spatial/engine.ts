/**
 * The loaded module of a spatial kernel: records of samples in its memory, and the routines that fill them and turn two of
 * them into outputs. All it needs is plain data, so that a worker thread can have one.
 */
import { erf } from '../../../../ir/gaussian/erf.ts';
import { type DualOf, type FormulaStep, Formulas, isFormulaStep, type Views } from './formulas.ts';
import { isRecordStep, type Product, type RecordStep, type Records, recordStepFunction } from './records.ts';
import { clearBeyond, differencesOf, fromFirst, type Region, wholeRegion } from './region.ts';
import { loadSample, type Sample } from './sample.ts';
import type {
  Layout,
  PassCall,
  ScheduledRoutine,
  ScheduledStage,
  ScheduledStep,
  ScheduledSweep,
  SpatialSchedule,
} from './shape.ts';
import { stepFunction } from './steps.ts';
import type { Combine } from './tables.ts';

const page = 65536;
/** What records of samples without tables may take in all; two are always there. */
const recordBytes = 2 ** 24;

export type { Sample } from './sample.ts';

type WasmFunction = (...parameters: readonly number[]) => void;
type Run = (records: Records) => void;
type NumberCode = (
  v: Float64Array,
  x: number,
  y: number,
  out: Float64Array,
  erfOf: typeof erf,
  formulas?: ReturnType<Formulas['numbers']>,
) => void;

const compiled = (code: string): NumberCode | undefined =>
  // The text is ours: made from a verified program, whose names are identifiers and whose constants are numbers.
  code === ''
    ? undefined
    : (new Function('v', 'x', 'y', 'out', 'erf', 'formulas', `'use strict';\n${code}`) as NumberCode);

export class SpatialEngine {
  readonly #schedule: SpatialSchedule;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Instance['exports'];
  readonly #routines: Readonly<Record<'pair' | 'sample' | 'diagonal', Run>>;
  readonly #out: Float64Array;
  /** Records in memory by sample, the one used last at the end. */
  readonly #records = new Map<number, number>();
  readonly #recordBytes: number;
  readonly #formulas?: Formulas;
  #weights: readonly number[] = [];
  #view: Float64Array;
  #words: Uint32Array;

  /** `dualOf`: dualActivation, and what records with tables may take in all, where the kernel has formulas. */
  constructor(module: WebAssembly.Module, schedule: SpatialSchedule, dualOf?: DualOf, tableBytes: number = 2 ** 28) {
    this.#schedule = schedule;
    const needed = 8 * (schedule.heap + schedule.diagonalRecordSize);
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(needed / page), maximum: page });
    this.#exports = new WebAssembly.Instance(module, { ntkc: { memory: this.#memory } }).exports;
    this.#recordBytes = schedule.expansions.length > 0 ? tableBytes : recordBytes;
    if (schedule.expansions.length > 0 && dualOf !== undefined) {
      const { combined: at } = schedule;
      const combine = at === undefined ? undefined : { run: this.#exports.combine as Combine['run'], at };
      this.#formulas = new Formulas(schedule, dualOf, combine);
    }
    this.#view = new Float64Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
    this.#out = new Float64Array(schedule.outputs);
    const { pair, sample, diagonal } = schedule;
    this.#routines = { pair: this.#routine(pair), sample: this.#routine(sample), diagonal: this.#routine(diagonal) };
  }

  /** Bytes of memory with the records of n samples. */
  bytes(n: number): number {
    return 8 * (this.#firstRecord + Math.min(n, this.slots) * this.#block);
  }
  /** Samples whose records fit at a time. */
  get slots(): number {
    return Math.max(2, Math.floor(this.#recordBytes / (8 * this.#block)));
  }
  /** Numbers of a record and its tables. */
  get #block(): number {
    return this.#schedule.recordSize + (this.#formulas?.room ?? 0);
  }
  /** Where the records of pairs begin, behind that of the diagonal. */
  get #firstRecord(): number {
    return this.#schedule.heap + this.#schedule.diagonalRecordSize + (this.#formulas?.room ?? 0);
  }

  /** Layer weights; records under others are forgotten. */
  setWeights(weights: readonly number[]): void {
    if (this.#weights === weights) return;
    if (this.#weights.join() !== weights.join()) this.#records.clear();
    this.#weights = weights;
    const { pair, sample, diagonal } = this.#schedule;
    for (const routine of [pair, sample, diagonal])
      routine.weights.forEach((at, k) => {
        this.#view[at] = weights[k] as number;
      });
  }

  /** The outputs between two samples, each a row of `data` known by a key; valid until the next call. */
  pair(x: Sample, y: Sample): Float64Array {
    this.#routines.pair(this.#recordsOf(x, y));
    return this.#out;
  }

  /** The outputs between a sample and itself. */
  diagonal(x: Sample): Float64Array {
    const { heap: at, diagonalRecordSize, givenOfDiagonal } = this.#schedule;
    this.#made(this.#routines.diagonal, () => {
      this.#reserve(this.#firstRecord);
      if (this.#formulas !== undefined) this.#view.fill(0, at, at + diagonalRecordSize); // tables may have been here
      loadSample(this.#view, x, at, this.#schedule, givenOfDiagonal);
      return { record: at, tables: at + diagonalRecordSize };
    });
    return this.#out;
  }

  /** Runs the routine of a record: again where there was no room for its tables, which moves all records. */
  #made(routine: Run, tables: () => { readonly record: number; readonly tables: number }): number {
    for (;;) {
      const { record, tables: at } = tables();
      this.#formulas?.begin(record, at);
      routine({ x: record, y: record });
      if (this.#formulas?.fits() ?? true) return record;
      this.#records.clear();
    }
  }

  /** Records of both, with tables that go as far. */
  #recordsOf(x: Sample, y: Sample): Records {
    for (;;) {
      const records = { x: this.#record(x), y: this.#record(y) };
      if (this.#formulas === undefined) return records;
      if (this.#records.get(x.key) !== records.x) continue; // making the other one has moved it
      const short = this.#formulas.pair(this.#views, records);
      if (short === undefined) return records;
      this.#records.delete((short === 'x' ? x : y).key);
    }
  }

  #record(sample: Sample): number {
    const known = this.#records.get(sample.key);
    if (known !== undefined) {
      this.#records.delete(sample.key);
      this.#records.set(sample.key, known);
      return known;
    }
    const made = this.#made(this.#routines.sample, () => {
      const record = this.#freeRecord();
      if (this.#formulas !== undefined) this.#view.fill(0, record, record + this.#schedule.recordSize);
      loadSample(this.#view, sample, record, this.#schedule, this.#schedule.given);
      return { record, tables: record + this.#schedule.recordSize };
    });
    this.#records.set(sample.key, made);
    return made;
  }

  /** One that nobody has, or that of the sample that was not used for longest. */
  #freeRecord(): number {
    const used = this.#records.size;
    if (used >= this.slots) {
      const [key, at] = this.#records.entries().next().value as [number, number];
      this.#records.delete(key);
      return at;
    }
    const taken = new Set(this.#records.values());
    let at = this.#firstRecord;
    while (taken.has(at)) at += this.#block;
    this.#reserve(this.#firstRecord + this.slots * this.#block);
    return at;
  }

  /** Memory for so many numbers: for all records at once, since each time costs a collection of garbage. */
  #reserve(numbers: number): void {
    const missing = Math.ceil((8 * numbers - this.#memory.buffer.byteLength) / page);
    if (missing <= 0) return;
    this.#memory.grow(missing);
    this.#view = new Float64Array(this.#memory.buffer);
    this.#words = new Uint32Array(this.#memory.buffer);
  }

  get #views(): Views {
    return { v: this.#view, words: this.#words };
  }

  #routine(routine: ScheduledRoutine): Run {
    const { stages, finish } = routine;
    const runs = stages.map((stage) => this.#stage(stage, routine));
    const last = compiled(finish);
    return (records) => {
      for (const run of runs) run(records);
      last?.(this.#view, records.x, records.y, this.#out, erf);
    };
  }

  #stage(stage: ScheduledStage, routine: ScheduledRoutine): Run {
    const numbers = compiled(stage.numbers);
    const flat = stage.flat.map((step) => this.#flat(step, routine));
    const sweeps = stage.sweeps.map((sweep) => this.#sweep(sweep, routine));
    const after = stage.after.map((step) => this.#flat(step, routine));
    const runs = [...flat, ...sweeps, ...after];
    return (records) => {
      const v = this.#view;
      numbers?.(v, records.x, records.y, this.#out, erf, this.#formulas?.numbers(records));
      for (const at of stage.clearedNumbers) v[at] = 0;
      for (const { at, layout } of stage.clearedArrays) v.fill(0, at, at + layout.size);
      for (const run of runs) run(records);
      for (const { at, by } of stage.scaled) v[at] = (v[at] as number) * by;
    };
  }

  #recordStep(step: RecordStep): Run {
    const run = recordStepFunction(step, this.#schedule, this.#exports.product as Product);
    return (records) => run(this.#view, records);
  }

  /** A step on all of a grid at once. */
  #flat(step: ScheduledStep, routine: ScheduledRoutine): Run {
    if (step.kind === 'pass') {
      return this.#passCall(step)([step.layout, ...step.kept].map(wholeRegion));
    }
    if (isRecordStep(step)) return this.#recordStep(step);
    if (isFormulaStep(step)) {
      const run = this.#formulaStep(step, routine);
      const region = wholeRegion(step.of.layout);
      return (records) => run(this.#views, records, region);
    }
    const run = stepFunction(step);
    const context = { region: wholeRegion(step.of.layout), isZero: true, isMirrored: false };
    return () => run(this.#view, context);
  }

  #formulaStep(step: FormulaStep, routine: ScheduledRoutine): ReturnType<Formulas['step']> {
    if (this.#formulas === undefined) throw new Error('ntkc bug: no dualActivation for formulas');
    return this.#formulas.step(step, routine);
  }

  #sweep(sweep: ScheduledSweep, routine: ScheduledRoutine): Run {
    const gridOf = (layout: Layout) => sweep.grids.findIndex((g) => sameGrid(g.layout, layout));
    const steps = sweep.steps.map((step) => {
      if (step.kind === 'pass') {
        const call = this.#passCall(step);
        const grids = [step.layout, ...step.kept].map(gridOf);
        return (records: Records, regions: readonly Region[]) => call(grids.map((g) => regions[g] as Region))(records);
      }
      if (isRecordStep(step)) return this.#recordStep(step);
      const grid = gridOf(step.of.layout);
      if (isFormulaStep(step)) {
        const run = this.#formulaStep(step, routine);
        return (records: Records, regions: readonly Region[]) => run(this.#views, records, regions[grid] as Region);
      }
      const run = stepFunction(step);
      return (_: Records, regions: readonly Region[], isZero: boolean) =>
        run(this.#view, { region: regions[grid] as Region, isZero, isMirrored: sweep.isHalf });
    });
    const borders = sweep.arrays.map((array) => ({ array, grid: gridOf(array.layout) }));
    const differences = differencesOf(sweep);
    return (records) => {
      for (const { regions, isZero } of differences) {
        for (const { array, grid } of borders) clearBeyond(this.#view, array, regions[grid] as Region);
        for (const step of steps) step(records, regions, isZero);
      }
    };
  }

  /** A pass for regions of its own grid and of the kept arrays it reads. */
  #passCall({ function: name, sampleLayout, blockSteps, kept }: PassCall): (regions: readonly Region[]) => Run {
    const pass = this.#exports[name] as WasmFunction;
    return ([own, ...others]) => {
      const { rows, low, lowOther, isEmpty } = own as Region;
      const first = (p: readonly number[]) =>
        p.reduce((at, k, axis) => at + k * (sampleLayout.steps[axis]?.[0] ?? 0), sampleLayout.origin);
      const [xFirst, yFirst] = [first(low), first(lowOther)];
      const blocks = blockSteps === undefined ? [] : [low, lowOther].map((p) => dot(p, blockSteps));
      const from = kept.map((layout, k) => 8 * fromFirst(layout, others[k] as Region));
      if (isEmpty) return () => {};
      return ({ x, y }) => pass(...rows, 8 * (x + xFirst), 8 * (y + yFirst), 8 * x, 8 * y, ...blocks, ...from);
    };
  }
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, k, i) => sum + k * (b[i] as number), 0);

const sameGrid = (a: Layout, b: Layout): boolean =>
  a.span === b.span && a.kept === b.kept && a.extents.join() === b.extents.join();
