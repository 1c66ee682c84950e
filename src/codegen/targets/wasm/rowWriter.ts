/** What a tile does for one row and a chunk of columns once their inner products are there: lanes, and their results stored. */
import { gapInputs, innerProduct, type TilePlan } from '../../plan/index.ts';
import type { Instruction } from './assembler/index.ts';
import { floatOp, type Machine, upperHalf } from './element.ts';
import { type GapLocals, rowGaps } from './gaps.ts';
import { type ConstantPool, emitLanes, expandCalls, type LaneTarget } from './lanes.ts';
import type { Locals } from './locals.ts';
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
  /** Leaves the distance of the outputs, in bytes. */
  readonly outBytes: Instruction;
}

/** results[output][chain]: locals. */
type Results = readonly (readonly number[])[];

export class RowWriter {
  readonly #parts: RowWriterParts;
  readonly #rowValues: readonly string[];

  constructor(parts: RowWriterParts) {
    this.#parts = parts;
    this.#rowValues = rowValueNames(parts.plan);
  }

  code(): readonly Instruction[] {
    const { plan, machine, locals, at } = this.#parts;
    const { type } = machine.element;
    const watched = type === 'float32' ? 'all' : plan.careful === undefined ? undefined : 'first';
    const lanes = expandCalls(plan.lanes, { type, ...(watched && { watched }) });
    const { body, results } = emitLanes(lanes, this.#laneTarget());
    const [zero, poison] = [locals.take(), locals.take()];
    return [
      ...body,
      ['v128.const', 0n, 0n],
      ['local.set', zero],
      ...this.#poisonOf(results, zero, poison),
      ...this.#careful(results, zero, poison),
      ['local.get', poison],
      ['local.get', at.poison],
      this.#op('add'),
      ['local.set', at.poison],
      ...this.#stores(results),
    ];
  }

  #op(name: Parameters<typeof floatOp>[1]): Instruction {
    return [floatOp(this.#parts.machine.element, name)];
  }

  /** 0·v is NaN where v is infinite or NaN. */
  #poisonOf(results: Results, zero: number, poison: number): readonly Instruction[] {
    return results
      .flat()
      .flatMap((local, i): readonly Instruction[] => [
        ['local.get', local],
        ['local.get', zero],
        this.#op('mul'),
        ...(i === 0 ? [] : ([['local.get', poison], this.#op('add')] as const)),
        ['local.set', poison],
      ]);
  }

  /** The other lanes, where the first have left a NaN. */
  #careful(results: Results, zero: number, poison: number): readonly Instruction[] {
    const { plan, machine, locals } = this.#parts;
    if (plan.careful === undefined) return [];
    const gaps = this.#gaps(plan.careful.norm);
    const { type } = machine.element;
    const lanes = expandCalls(plan.careful.lanes, {
      type,
      smallAngles: true,
      ...(type === 'float32' && { watched: 'all' }),
    });
    const other = emitLanes(lanes, this.#laneTarget(gaps.held));
    for (const local of [...gaps.held.below, ...gaps.held.above]) locals.free(local);
    return [
      ['local.get', poison],
      ['local.get', poison],
      this.#op('eq'),
      ['v128.not'],
      ['v128.any_true'],
      ['if'],
      [';;', 'some pair is near a duplicate or an opposite: all of them by their gaps'],
      ...gaps.code,
      ...other.body,
      ...results.flatMap((chain, r) =>
        chain.flatMap((local, c): readonly Instruction[] => [
          ['local.get', other.results[r]?.[c] as number],
          ['local.set', local],
        ]),
      ),
      ...this.#poisonOf(results, zero, poison),
      ['end'],
    ];
  }

  #stores(results: Results): readonly Instruction[] {
    const { plan, at, outBytes } = this.#parts;
    const move = (by: readonly Instruction[]): readonly Instruction[] => [
      ['local.get', at.outAt],
      ...by,
      ['local.set', at.outAt],
    ];
    const back = move([outBytes, ['i32.const', results.length - 1], ['i32.mul'], ['i32.sub']]);
    return [
      ...results.flatMap((chainLocals, output): readonly Instruction[] => [
        ...(output === 0 ? [] : move([outBytes, ['i32.add']])),
        [';;', `to out: ${plan.program.outputs[output]?.name}`],
        ...chainLocals.flatMap((local, chain) => this.#store(local, chain)),
      ]),
      ...(results.length > 1 ? back : []),
    ];
  }

  /** A vector of results to its place, as float64. */
  #store(local: number, chain: number): readonly Instruction[] {
    const { machine, at } = this.#parts;
    const place: Instruction = ['local.get', at.outAt];
    if (machine.element.bytes === 8) return [place, ['local.get', local], ['v128.store', 16 * chain]];
    return [
      place,
      ['local.get', local],
      ['f64x2.promote_low_f32x4'],
      ['v128.store', 32 * chain],
      place,
      ...upperHalf(local),
      ['f64x2.promote_low_f32x4'],
      ['v128.store', 32 * chain + 16],
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
      rowNorm: this.#row(norm.row),
      columnNorm: (chain) => this.#load('column', norm.column, chain),
      inner: (chain) => this.#load('pair', innerProduct, chain),
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

  #row(name: string): readonly Instruction[] {
    const { machine, at } = this.#parts;
    return [
      ['local.get', at.xrAt],
      [machine.element.splat, machine.element.bytes * this.#rowValues.indexOf(name)],
    ];
  }

  #load(op: 'column' | 'pair', name: string, chain: number, gaps?: GapLocals): readonly Instruction[] {
    const { k, yrAt } = this.#parts.at;
    const loaded = (address: number, offset: number): readonly Instruction[] => [
      ['local.get', address],
      ['v128.load', offset + 16 * chain],
    ];
    if (op === 'column') return loaded(yrAt, this.#columnOffset(name));
    if (name === innerProduct) return loaded(k, 0);
    return [['local.get', (name === gapInputs[0] ? gaps?.below : gaps?.above)?.[chain] as number]];
  }

  #laneTarget(gaps?: GapLocals): LaneTarget {
    const { plan, machine, locals, constants, at } = this.#parts;
    return {
      chains,
      ...machine,
      constants,
      row: (name) => this.#row(name),
      load: (op, name, chain) => this.#load(op, name, chain, gaps),
      series: (name, rho, into) => {
        const index = plan.series.findIndex((s) => s.name === name);
        const table = tablesOffset(plan) + index * termsTableBytes;
        return seriesLoop({ locals, ...machine, index, row: at.row, k: at.k, chunk: at.chunk, table, rho, into });
      },
      take: locals.take,
      free: locals.free,
    };
  }
}
