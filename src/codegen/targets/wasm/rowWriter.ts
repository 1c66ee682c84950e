/** What a tile does for some rows and a chunk of columns once their inner products are there: lanes, and their results stored. */
import type { LaneProgram } from '../../../ir/loop/index.ts';
import { gapInputs, innerProduct, type TilePlan } from '../../plan/index.ts';
import { type Instruction, joined } from './assembler/index.ts';
import { floatOp, type Machine } from './element.ts';
import { type GapLocals, rowGaps } from './gaps.ts';
import { type ConstantPool, emitGroups, emitLanes, expandCalls, type LaneTarget, type Results } from './lanes.ts';
import type { Locals } from './locals.ts';
import { segmentsOf } from './segments.ts';
import { seriesLoop, termsTableBytes } from './series.ts';
import { chains, chunkBytes, gapBytes, paddedFeatures, scratchBytes } from './shape.ts';

/** Row values in the order of a row's record: those of the plan, then the limit of each series. */
export const rowValueNames = (plan: TilePlan): readonly string[] => [
  ...plan.row.map((v) => v.name),
  ...plan.series.map((s) => s.limit),
];

/** Where tables and constants lie: behind the scratch of inner products, and that of gaps where there are any. */
export const tablesOffset = ({ careful }: TilePlan): number => scratchBytes + (careful === undefined ? 0 : gapBytes);

/** Index of the function that the tile calls. */
const closeGaps = 1;

/** Locals of the loops around, and the sum that is NaN once a result is. */
export type TileLocals = Readonly<
  Record<'row' | 'chunk' | 'xAt' | 'yAt' | 'xrAt' | 'yrAt' | 'outAt' | 'k' | 'poison', number>
>;

interface RowWriterParts {
  readonly plan: TilePlan;
  readonly machine: Machine;
  readonly locals: Locals;
  readonly constants: ConstantPool;
  readonly at: TileLocals;
}

/** Vectors that are computed together: all of a row's, or some. */
interface Group {
  /** Rows after the one that the locals are at. */
  readonly row: number;
  readonly firstChain: number;
  readonly chains: number;
}
const wholeRow: Group = { row: 0, firstChain: 0, chains };

/** Values live between segments with which four vectors more cost more in loads and stores than they hide. */
const crowded = 6;

/** Two groups: two rows, or where many values are live the halves of one. */
function groupsOf(program: LaneProgram): readonly Group[] {
  const isCrowded = segmentsOf(program).some(({ live }) => live >= crowded);
  return isCrowded
    ? [0, chains / 2].map((firstChain) => ({ row: 0, firstChain, chains: chains / 2 }))
    : [0, 1].map((row) => ({ ...wholeRow, row }));
}

export class RowWriter {
  /** Rows that one pass does. */
  readonly rows: number;
  readonly comment: string;
  readonly #parts: RowWriterParts;
  readonly #rowValues: readonly string[];
  readonly #lanes: LaneProgram;
  readonly #groups: readonly Group[];

  constructor(parts: RowWriterParts) {
    const { plan, machine } = parts;
    const { type, perVector } = machine.element;
    this.#parts = parts;
    this.#rowValues = rowValueNames(plan);
    const watched = type === 'float32' ? 'all' : plan.careful === undefined ? undefined : 'first';
    this.#lanes = expandCalls(plan.lanes, { type, ...(watched && { watched }) });
    this.#groups = groupsOf(this.#lanes);
    this.rows = 1 + Math.max(...this.#groups.map((g) => g.row));
    const vectors = `${chains} vectors of ${perVector} columns`;
    this.comment = this.rows === 1 ? `each row, ${vectors} in turn` : `${this.rows} rows at a time, ${vectors} of each`;
  }

  code(): readonly Instruction[] {
    const { locals, at } = this.#parts;
    const targets = this.#groups.map((group) => this.#laneTarget(group));
    const { body, groups } = emitGroups(this.#lanes, targets);
    const [zero, poison] = [locals.take(), locals.take()];
    return joined(
      body,
      [
        ['v128.const', 0n, 0n],
        ['local.tee', zero],
        ['local.set', poison],
      ],
      ...groups.map((results, g) => this.#stores(results, this.#groups[g] as Group, zero, poison)),
      this.#careful(zero, poison),
      [['local.get', poison], ['local.get', at.poison], this.#op('add'), ['local.set', at.poison]],
    );
  }

  /** Moves the locals some rows on, or back. */
  next(rows: number): readonly Instruction[] {
    const { machine, locals, at } = this.#parts;
    const add = (local: number, bytes: number): readonly Instruction[] => [
      ['local.get', local],
      ['i32.const', bytes],
      ['i32.add'],
      ['local.set', local],
    ];
    return [
      ...add(at.xrAt, rows * machine.element.bytes * this.#rowValues.length),
      ['local.get', locals.parameter('chunks')],
      ['i32.const', rows * chunkBytes],
      ['i32.mul'],
      ['local.get', at.outAt],
      ['i32.add'],
      ['local.set', at.outAt],
      ...add(at.k, rows * chunkBytes),
    ];
  }

  #op(name: Parameters<typeof floatOp>[1]): Instruction {
    return [floatOp(this.#parts.machine.element, name)];
  }

  /** The other lanes for every row, one after the other, where the first have left a NaN. */
  #careful(zero: number, poison: number): readonly Instruction[] {
    const { plan, machine, locals, at } = this.#parts;
    if (plan.careful === undefined) return [];
    const gaps = this.#gaps(plan.careful.norm);
    const { type } = machine.element;
    const watched = type === 'float32' && ({ watched: 'all' } as const);
    const lanes = expandCalls(plan.careful.lanes, { type, smallAngles: true, ...watched });
    const { body, results } = emitLanes(lanes, this.#laneTarget(wholeRow, gaps.held));
    for (const local of [...gaps.held.below, ...gaps.held.above]) locals.free(local);
    const end = locals.named('carefulEnd', 'i32');
    return joined(
      [
        ['local.get', poison],
        ['local.get', poison],
        this.#op('eq'),
        ['v128.not'],
        ['v128.any_true'],
        ['if'],
        [';;', 'some pair is near a duplicate or an opposite: all of them by their gaps'],
        ['local.get', zero],
        ['local.set', poison],
        ['local.get', at.k],
        ['i32.const', this.rows * chunkBytes],
        ['i32.add'],
        ['local.set', end],
        ['loop'],
      ],
      gaps.code,
      body,
      this.#stores(results, wholeRow, zero, poison),
      this.next(1),
      [['local.get', at.k], ['local.get', end], ['i32.lt_s'], ['br_if', 0], ['end']],
      this.next(-this.rows),
      [['end']],
    );
  }

  /** Results to their places; 0·v, which is NaN where v is infinite or NaN, to the poison. */
  #stores(results: Results, { row, firstChain }: Group, zero: number, poison: number): readonly Instruction[] {
    const { plan, locals, at } = this.#parts;
    const outRow = locals.named('outRow', 'i32');
    return [
      ['local.get', at.outAt],
      ['local.get', locals.parameter('chunks')],
      ['i32.const', row * chunkBytes],
      ['i32.mul'],
      ['i32.add'],
      ['local.set', outRow],
      ...results.flatMap((held, output): readonly Instruction[] => [
        ...(output === 0
          ? []
          : ([
              ['local.get', outRow],
              ['local.get', locals.parameter('outBytes')],
              ['i32.add'],
              ['local.set', outRow],
            ] as const)),
        [';;', `to out: ${plan.program.outputs[output]?.name}`],
        ...held.flatMap((local, chain): readonly Instruction[] => [
          ['local.get', outRow],
          ['local.get', local],
          ['v128.store', 16 * (firstChain + chain)],
          ['local.get', local],
          ['local.get', zero],
          this.#op('mul'),
          ['local.get', poison],
          this.#op('add'),
          ['local.set', poison],
        ]),
      ]),
    ];
  }

  #gaps(norm: { readonly row: string; readonly column: string }): ReturnType<typeof rowGaps> {
    const { plan, machine, locals, at } = this.#parts;
    const { bytes } = machine.element;
    const added = (local: number, offset: number): readonly Instruction[] => [
      ['local.get', local],
      ['i32.const', offset],
      ['i32.add'],
    ];
    return rowGaps({
      machine,
      locals,
      rowNorm: this.#row(norm.row, 0),
      columnNorm: (chain) => this.#load('column', norm.column, wholeRow, chain),
      inner: (chain) => this.#load('pair', innerProduct, wholeRow, chain),
      close: [
        ['local.get', at.xAt],
        ['local.get', at.k],
        ['i32.const', Math.log2(chunkBytes)],
        ['i32.shr_s'],
        ['i32.const', bytes * paddedFeatures(plan.program.features)],
        ['i32.mul'],
        ['i32.add'],
        ...added(at.xrAt, bytes * this.#rowValues.indexOf(norm.row)),
        ['local.get', at.yAt],
        ...added(at.yrAt, this.#columnOffset(norm.column)),
        ['call', closeGaps],
      ],
      scratch: scratchBytes,
    });
  }

  #columnOffset(name: string): number {
    return chunkBytes * this.#parts.plan.column.findIndex((v) => v.name === name);
  }

  #row(name: string, rowsAfter: number): readonly Instruction[] {
    const { machine, at } = this.#parts;
    const { splat, bytes } = machine.element;
    const record = bytes * this.#rowValues.length * rowsAfter;
    return [
      ['local.get', at.xrAt],
      [splat, record + bytes * this.#rowValues.indexOf(name)],
    ];
  }

  #load(
    op: 'column' | 'pair',
    name: string,
    { row, firstChain }: Group,
    chain: number,
    gaps?: GapLocals,
  ): readonly Instruction[] {
    const { k, yrAt } = this.#parts.at;
    const loaded = (address: number, offset: number): readonly Instruction[] => [
      ['local.get', address],
      ['v128.load', offset + 16 * (firstChain + chain)],
    ];
    if (op === 'column') return loaded(yrAt, this.#columnOffset(name));
    if (name === innerProduct) return loaded(k, row * chunkBytes);
    return [['local.get', (name === gapInputs[0] ? gaps?.below : gaps?.above)?.[chain] as number]];
  }

  #laneTarget(group: Group, gaps?: GapLocals): LaneTarget {
    const { plan, machine, locals, constants, at } = this.#parts;
    const { row: rowsAfter, firstChain, chains } = group;
    return {
      chains,
      ...machine,
      constants,
      row: (name) => this.#row(name, rowsAfter),
      load: (op, name, chain) => this.#load(op, name, group, chain, gaps),
      series: (name, rho, into) => {
        const index = plan.series.findIndex((s) => s.name === name);
        const table = tablesOffset(plan) + index * termsTableBytes;
        const { row, k, chunk } = at;
        return seriesLoop({ locals, ...machine, index, row, k, rowsAfter, firstChain, chunk, table, rho, into });
      },
      take: locals.take,
      free: locals.free,
    };
  }
}
