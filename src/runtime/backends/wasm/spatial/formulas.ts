/** Formulas in a spatial kernel: tables of coefficients in the records of samples, and what series could not give. */

import { erf } from '../../../../ir/gaussian/erf.ts';
import type { DualActivation, DualSpec } from '../../../../ir/gaussian/index.ts';
import { Pieces } from './pieces.ts';
import type { Records } from './records.ts';
import { cellAt, eachLeading, type Region } from './region.ts';
import {
  cellsOf,
  type PlacedStep,
  type ScheduledRoutine,
  type ScheduledSeries,
  type SpatialSchedule,
} from './shape.ts';
import { type Combine, type Expanded, expanded, fillTable, tableSize } from './tables.ts';

export type DualOf = (spec: DualSpec) => DualActivation;
export type FormulaStep = Extract<PlacedStep, { kind: 'expand' | 'moment' | 'patch' }>;
export const isFormulaStep = (step: { readonly kind: string }): step is FormulaStep =>
  step.kind === 'expand' || step.kind === 'moment' || step.kind === 'patch';

/** The memory of the module, as float64 and as 32-bit numbers. */
export interface Views {
  readonly v: Float64Array;
  readonly words: Uint32Array;
}

/** Terms of a series that goes to this degree. */
const termsOf = (degree: number, { first, step }: Pick<ScheduledSeries, 'first' | 'step'>): number =>
  Math.max(1, Math.ceil((degree - first) / step));

/** Coefficients that room is made for at first: of smooth formulas, and of others. */
const [usualDegree, mostDegree] = [96, 512];
/** Coefficients of a formula of a number, at least: numbers of other samples may need more. */
const numberDegree = 128;
const positionBytes = 64;
/** How far past 1 a correlation may be from rounding: as the reference allows. */
const slack = 1 + 1e-5;

/** Formulas that were met last, for all kernels of the thread: what is known of one does not depend on them. */
const known = new Map<string, Pieces>();
const mostKnown = 64;

function piecesOf({ extents: _, ...spec }: SpatialSchedule['expansions'][number], dualOf: DualOf): Pieces {
  const key = JSON.stringify(spec);
  const { kinks, tolerance, maxDegree } = spec;
  const [phi, dphi] = [scalar(spec.phi), scalar(spec.dphi)];
  const pieces = known.get(key) ?? new Pieces(dualOf, { phi, dphi, kinks, tolerance, maxDegree });
  if (known.size >= mostKnown) known.clear();
  known.set(key, pieces);
  return pieces;
}

export class Formulas {
  readonly #schedule: SpatialSchedule;
  readonly #pieces: readonly Pieces[];
  /** By record, then by expansion; none where a formula has no expansion, which the reference kernel explains. */
  readonly #samples = new Map<number, (Expanded | undefined)[]>();
  readonly #combine: Combine | undefined;
  /** [expansion][order]: terms that tables have from now on. */
  readonly #degrees: readonly [number, number][];
  #room: number;
  #at = 0;
  #end = 0;

  constructor(schedule: SpatialSchedule, dualOf: DualOf, combine: Combine | undefined) {
    this.#schedule = schedule;
    this.#combine = combine;
    this.#pieces = schedule.expansions.map((expansion) => piecesOf(expansion, dualOf));
    this.#degrees = schedule.expansions.map(() => [0, 0]);
    this.#room = schedule.sample.tables.reduce((sum, table) => {
      const { extents, kinks, maxDegree } = this.#expansion(table.expansion);
      const degree = Math.min(maxDegree, kinks.length > 0 ? mostDegree : usualDegree);
      return sum + tableSize(extents, termsOf(degree, table));
    }, 0);
  }

  #expansion(number: number): SpatialSchedule['expansions'][number] {
    return this.#schedule.expansions[number] as SpatialSchedule['expansions'][number];
  }

  /** Numbers that the tables of a record may take. */
  get room(): number {
    return this.#room;
  }

  /** Before the routine of a record, whose tables begin at `at`. */
  begin(record: number, at: number): void {
    this.#samples.set(record, []);
    [this.#at, this.#end] = [at, at + this.#room];
  }

  /** After it: whether there was room for all tables. If not there is now, in records made from now on. */
  fits(): boolean {
    const missing = this.#at - this.#end;
    if (missing > 0) this.#room += Math.ceil(1.1 * missing);
    return missing <= 0;
  }

  /**
   * Tells the passes of a pair how far its series go. The record of the side whose tables are too short for the other, if
   * one is: it has to be made again.
   */
  pair({ v, words }: Views, { x, y }: Records): 'x' | 'y' | undefined {
    for (const series of this.#schedule.pair.series) {
      const terms = this.#set({ v, words }, series, x, y);
      const at = this.#schedule.pair.tables.find((t) => t.expansion === series.expansion && t.order === series.order)
        ?.at as number;
      const has = (record: number) => (words[2 * (record + at) + 1] as number) / positionBytes;
      if (terms > 1 && has(x) < terms) return 'x';
      if (terms > 1 && has(y) < terms) return 'y';
    }
    return undefined;
  }

  /** The number of terms and the largest |ρ| of a series between two records. */
  #set({ v, words }: Views, series: ScheduledSeries, x: number, y: number): number {
    const { expansion, order, termsAt, limitAt } = series;
    const [a, b] = [x, y].map((record) => this.#samples.get(record)?.[expansion]?.orders[order]);
    const { tolerance } = this.#expansion(expansion);
    const degree = Math.max(a?.degree ?? 1, b?.degree ?? 1);
    const rest = a === undefined || b === undefined ? Number.NaN : Math.sqrt(a.rest * b.rest);
    const terms = termsOf(degree, series);
    words[2 * termsAt] = terms;
    // @derived |Σ_{p≥P} a_p a'_p ρ^p| ≤ |ρ|^P √(tail·tail') (Cauchy–Schwarz)
    v[limitAt] = rest <= tolerance ? slack : (tolerance / rest) ** (1 / degree);
    return terms;
  }

  step(step: FormulaStep, routine: ScheduledRoutine): (views: Views, records: Records, region: Region) => void {
    switch (step.kind) {
      case 'expand': {
        const cells = cellsOf(step.of.layout);
        return (views, { x }) => {
          const qs = new Float64Array(cells.length);
          for (let p = 0; p < qs.length; p++) qs[p] = views.v[step.of.at + (cells[p] as number)] as number;
          this.#expand(views, x, step.expansion, qs, routine);
        };
      }
      case 'moment': {
        const cells = cellsOf(step.to.layout);
        return ({ v }, { x }) => {
          const moments = this.#moments(x, step.expansion, step.order);
          for (let p = 0; p < cells.length; p++) v[step.to.at + (cells[p] as number)] = moments?.[p] ?? Number.NaN;
        };
      }
      case 'patch':
        return ({ v }, records, region) => {
          if (Number.isNaN(v[step.flag])) this.#patch(v, step, records, region);
          v[step.flag] = 0;
        };
    }
  }

  /** Formulas of numbers, as the code of a stage calls them. */
  numbers({ x, y }: Records) {
    return {
      expand: (expansion: number, q: number) => {
        const pieces = this.#pieces[expansion] as Pieces;
        this.#keep(x, expansion, () => expanded(pieces, Float64Array.of(q), numberDegree));
      },
      moment: (expansion: number, order: 0 | 1) => this.#moments(x, expansion, order)?.[0] ?? Number.NaN,
      dual: (expansion: number, order: 0 | 1, k: number) => this.#exact(expansion, order, { x, y }, 0, 0, k),
    };
  }

  #keep(record: number, expansion: number, make: () => Expanded): Expanded | undefined {
    let made: Expanded | undefined;
    try {
      made = make();
    } catch {
      // No expansion: the pair becomes NaN, and the reference kernel says why.
    }
    (this.#samples.get(record) as (Expanded | undefined)[])[expansion] = made;
    return made;
  }

  #expand(views: Views, record: number, expansion: number, qs: Float64Array, routine: ScheduledRoutine): void {
    const { words } = views;
    const { extents } = this.#expansion(expansion);
    const sample = this.#keep(record, expansion, () => expanded(this.#pieces[expansion] as Pieces, qs));
    const degrees = this.#degrees[expansion] as [number, number];
    for (const table of routine.tables) {
      if (table.expansion !== expansion) continue;
      const { order } = table;
      const terms = Math.max(degrees[order], termsOf(sample?.orders[order]?.degree ?? 1, table));
      degrees[order] = terms;
      const at = this.#at;
      this.#at += tableSize(extents, terms);
      if (sample !== undefined && this.#at <= this.#end)
        fillTable(views.v, sample, { ...table, extents, terms, at }, this.#combine as Combine);
      words[2 * (record + table.at)] = 8 * (this.#at <= this.#end ? at : this.#schedule.heap);
      words[2 * (record + table.at) + 1] = this.#at <= this.#end ? positionBytes * terms : 0;
    }
    for (const series of routine.series) {
      if (series.expansion !== expansion) continue;
      this.#set(views, series, record, record);
      // This run only counts the room: passes read no further than there is memory.
      if (this.#at > this.#end) words[2 * series.termsAt] = 1;
    }
  }

  #moments(record: number, expansion: number, order: 0 | 1): Float64Array | undefined {
    const at = this.#samples.get(record)?.[expansion]?.at;
    return (order === 0 ? at?.value : at?.slope)?.second;
  }

  /** What the reference kernel gives. */
  #exact(expansion: number, order: 0 | 1, { x, y }: Records, p: number, r: number, k: number): number {
    const [a, b] = [this.#samples.get(x)?.[expansion]?.at, this.#samples.get(y)?.[expansion]?.at];
    const { exact } = this.#pieces[expansion] as Pieces;
    if (a === undefined || b === undefined || Number.isNaN(k)) return Number.NaN;
    try {
      return order === 0 ? exact.kappa(a, p, b, r, k) : exact.dotKappa(a, p, b, r, k);
    } catch {
      return Number.NaN; // as above
    }
  }

  #patch(
    v: Float64Array,
    { of, covariance, expansion, order }: Extract<FormulaStep, { kind: 'patch' }>,
    records: Records,
    region: Region,
  ): void {
    const { extents, span } = of.layout;
    const width = extents.at(-1) as number;
    const position = (p: readonly number[]) => p.reduce((at, k, axis) => at * (extents[axis] as number) + k, 0) * width;
    const one = (cell: number, from: number, p: number, r: number) => {
      if (Number.isNaN(v[cell])) v[cell] = this.#exact(expansion, order, records, p, r, v[from] as number);
    };
    eachLeading(region, (p, other) => {
      const [cell, from] = [cellAt(of, p, other, region.low), cellAt(covariance, p, other, region.low)];
      const [here, there] = [position(p), position(other)];
      for (let w = 0; w < width; w++) {
        if (span === 'diagonal') one(cell + w, from + w, here + w, there + w);
        else
          for (let c = 0; c < width; c++)
            one(cell + w * of.layout.rowStep + c, from + w * covariance.layout.rowStep + c, here + w, there + c);
      }
    });
  }
}

const scalar = (code: string): ((x: number) => number) => {
  // As the code of a stage: the text is ours.
  const f = new Function('x', 'erf', `'use strict';\n${code}`) as (x: number, erfOf: typeof erf) => number;
  return (x) => f(x, erf);
};
