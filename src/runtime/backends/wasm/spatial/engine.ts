/**
 * The loaded module of a spatial kernel: records of samples in its memory, and the routines that fill them and turn two of
 * them into outputs. All it needs is plain data, so that a worker thread can have one.
 */
import { erf } from '../../../../ir/gaussian/erf.ts';
import { isRecordStep, type Product, type RecordStep, type Records, recordStepFunction } from './records.ts';
import { differencesOf, type Region, wholeRegion } from './region.ts';
import {
  cellsOf,
  cellsOfPairs,
  type GivenArray,
  type Layout,
  type PassCall,
  type Placement,
  type ScheduledRoutine,
  type ScheduledStage,
  type ScheduledStep,
  type ScheduledSweep,
  type SpatialSchedule,
} from './shape.ts';
import { stepFunction } from './steps.ts';

const page = 65536;
/** What records of samples may take in all; two are always there. */
const recordBytes = 2 ** 24;

type WasmFunction = (...parameters: readonly number[]) => void;
type Run = (records: Records) => void;
type NumberCode = (v: Float64Array, x: number, y: number, out: Float64Array, erfOf: typeof erf) => void;

const compiled = (code: string): NumberCode | undefined =>
  // The text is ours: made from a verified program, whose names are identifiers and whose constants are numbers.
  code === '' ? undefined : (new Function('v', 'x', 'y', 'out', 'erf', `'use strict';\n${code}`) as NumberCode);

export class SpatialEngine {
  readonly #schedule: SpatialSchedule;
  readonly #memory: WebAssembly.Memory;
  readonly #exports: WebAssembly.Instance['exports'];
  readonly #inputCells: Int32Array;
  readonly #routines: Readonly<Record<'pair' | 'sample' | 'diagonal', Run>>;
  readonly #out: Float64Array;
  /** Records in memory by sample, the one used last at the end. */
  readonly #records = new Map<number, number>();
  readonly #slots: number;
  #weights: readonly number[] = [];
  #view: Float64Array;

  constructor(module: WebAssembly.Module, schedule: SpatialSchedule) {
    this.#schedule = schedule;
    const needed = 8 * (schedule.heap + schedule.diagonalRecordSize);
    this.#memory = new WebAssembly.Memory({ initial: Math.ceil(needed / page), maximum: page });
    this.#exports = new WebAssembly.Instance(module, { ntkc: { memory: this.#memory } }).exports;
    this.#view = new Float64Array(this.#memory.buffer);
    this.#slots = Math.max(2, Math.floor(recordBytes / (8 * schedule.recordSize)));
    this.#inputCells = cellsOf(schedule.inputLayout);
    this.#out = new Float64Array(schedule.outputs);
    const { pair, sample, diagonal } = schedule;
    this.#routines = { pair: this.#routine(pair), sample: this.#routine(sample), diagonal: this.#routine(diagonal) };
  }

  /** Bytes of memory with the records of n samples. */
  bytes(n: number): number {
    const { heap, diagonalRecordSize, recordSize } = this.#schedule;
    return 8 * (heap + diagonalRecordSize + Math.min(n, this.#slots) * recordSize);
  }
  /** Samples whose records fit at a time. */
  get slots(): number {
    return this.#slots;
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
    const records = { x: this.#record(x), y: this.#record(y) };
    this.#routines.pair(records);
    return this.#out;
  }

  /** The outputs between a sample and itself. */
  diagonal(x: Sample): Float64Array {
    const at = this.#schedule.heap;
    this.#load(x, at, this.#schedule.givenOfDiagonal);
    this.#routines.diagonal({ x: at, y: at });
    return this.#out;
  }

  #record(sample: Sample): number {
    const known = this.#records.get(sample.key);
    if (known !== undefined) {
      this.#records.delete(sample.key);
      this.#records.set(sample.key, known);
      return known;
    }
    const at = this.#freeRecord();
    this.#load(sample, at, this.#schedule.given);
    this.#routines.sample({ x: at, y: at });
    this.#records.set(sample.key, at);
    return at;
  }

  /** One that nobody has, or that of the sample that was not used for longest. */
  #freeRecord(): number {
    const { heap, diagonalRecordSize, recordSize } = this.#schedule;
    const used = this.#records.size;
    if (used >= this.#slots) {
      const [key, at] = this.#records.entries().next().value as [number, number];
      this.#records.delete(key);
      return at;
    }
    const taken = new Set(this.#records.values());
    let at = heap + diagonalRecordSize;
    while (taken.has(at)) at += recordSize;
    const missing = Math.ceil((8 * (at + recordSize) - this.#memory.buffer.byteLength) / page);
    if (missing > 0) {
      this.#memory.grow(missing);
      this.#view = new Float64Array(this.#memory.buffer);
    }
    return at;
  }

  /** The input, channel by channel, at the start of a record. */
  #load(sample: Sample, record: number, given: readonly GivenArray[]): void {
    const { data, index } = sample;
    const from = index * this.#schedule.features;
    const { channels, inputLayout } = this.#schedule;
    const step = Math.ceil(inputLayout.size / 8) * 8;
    const cells = this.#inputCells;
    for (let c = 0; c < channels; c++) {
      const to = record + c * step;
      for (let p = 0; p < cells.length; p++)
        this.#view[to + (cells[p] as number)] = data[from + p * channels + c] as number;
    }
    for (const { name, at, layout } of given) this.#loadGiven(sample, name, record + at, layout);
  }

  /** The pattern of a sample, or which positions it has. */
  #loadGiven(sample: Sample, name: GivenArray['name'], at: number, layout: Layout): void {
    const n = this.#inputCells.length;
    const count = name === 'pattern' ? n ** 2 : n;
    const numbers = sample[name]?.subarray(sample.index * count, (sample.index + 1) * count);
    if (numbers === undefined) throw new Error(`ntkc bug: the ${name} of a sample is missing`);
    if (name === 'present') {
      cellsOf(layout).forEach((cell, p) => {
        this.#view[at + cell] = numbers[p] as number;
      });
      return;
    }
    const { rows, columns } = cellsOfPairs(layout);
    rows.forEach((row, p) => {
      columns.forEach((column, r) => {
        this.#view[at + row + column] = numbers[p * n + r] as number;
      });
    });
  }

  #routine({ stages, finish }: ScheduledRoutine): Run {
    const runs = stages.map((stage) => this.#stage(stage));
    const last = compiled(finish);
    return (records) => {
      for (const run of runs) run(records);
      last?.(this.#view, records.x, records.y, this.#out, erf);
    };
  }

  #stage(stage: ScheduledStage): Run {
    const numbers = compiled(stage.numbers);
    const flat = stage.flat.map((step) => this.#flat(step));
    const sweeps = stage.sweeps.map((sweep) => this.#sweep(sweep));
    const after = stage.after.map((step) => this.#flat(step));
    const runs = [...flat, ...sweeps, ...after];
    return (records) => {
      const v = this.#view;
      numbers?.(v, records.x, records.y, this.#out, erf);
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
  #flat(step: ScheduledStep): Run {
    if (step.kind === 'pass') {
      return this.#passCall(step)([step.layout, ...step.kept].map(wholeRegion));
    }
    if (isRecordStep(step)) return this.#recordStep(step);
    const run = stepFunction(step);
    const context = { region: wholeRegion(step.of.layout), isZero: true, isMirrored: false };
    return () => run(this.#view, context);
  }

  #sweep(sweep: ScheduledSweep): Run {
    const gridOf = (layout: Layout) => sweep.grids.findIndex((g) => sameGrid(g.layout, layout));
    const steps = sweep.steps.map((step) => {
      if (step.kind === 'pass') {
        const call = this.#passCall(step);
        const grids = [step.layout, ...step.kept].map(gridOf);
        return (records: Records, regions: readonly Region[]) => call(grids.map((g) => regions[g] as Region))(records);
      }
      if (isRecordStep(step)) return this.#recordStep(step);
      const run = stepFunction(step);
      const grid = gridOf(step.of.layout);
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
  #passCall({ function: name, sampleLayout, kept }: PassCall): (regions: readonly Region[]) => Run {
    const pass = this.#exports[name] as WasmFunction;
    return ([own, ...others]) => {
      const { rows, low, lowOther, isEmpty } = own as Region;
      const first = (p: readonly number[]) =>
        p.reduce((at, k, axis) => at + k * (sampleLayout.steps[axis]?.[0] ?? 0), sampleLayout.origin);
      const [xFirst, yFirst] = [first(low), first(lowOther)];
      const from = kept.map((layout, k) => 8 * fromFirst(layout, others[k] as Region));
      if (isEmpty) return () => {};
      return ({ x, y }) => pass(...rows, 8 * (x + xFirst), 8 * (y + yFirst), 8 * x, 8 * y, ...from);
    };
  }
}

/** One row of inputs. */
export interface Sample {
  /** Tells samples apart; the same for the same numbers only. */
  readonly key: number;
  /** Of all samples; this is the index-th. */
  readonly data: Float64Array;
  readonly index: number;
  readonly pattern?: Float64Array;
  readonly present?: Float64Array;
}

const sameGrid = (a: Layout, b: Layout): boolean =>
  a.span === b.span && a.kept === b.kept && a.extents.join() === b.extents.join();

/** Numbers from the first cell of a kept array to the first of a region. */
const fromFirst = ({ steps }: Layout, { low, lowOther }: Region): number =>
  steps.reduce(
    (sum, [ofP, ofOther], axis) => sum + ofP * (low[axis] as number) + ofOther * (lowOther[axis] as number),
    0,
  );

/** Zeros after the rows of a region, where a window may reach; cells of other differences may be there. */
function clearBeyond(v: Float64Array, { at, layout }: Placement, { rows }: Region): void {
  const [border = 0] = layout.border;
  const end = at + layout.size;
  if (rows.length === 0) return;
  if (rows.length > 1) {
    v.fill(0, at, end);
    return;
  }
  const step = layout.steps[0]?.[0] ?? 0;
  const from = at + layout.origin + (rows[0] as number) * step;
  v.fill(0, Math.min(from, end), Math.min(from + border * step, end));
}
