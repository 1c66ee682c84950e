/** The loops of a tile, and what they do for each group of rows and chunk of columns. */
import { innerProduct, type TilePlan } from '../../plan/index.ts';
import type { Instruction } from './assembler/index.ts';
import { type Element, floatOp, upperHalf } from './element.ts';
import { innerProducts } from './innerProducts.ts';
import { type ConstantPool, emitLanes, expandCalls, type LaneTarget } from './lanes.ts';
import type { Locals } from './locals.ts';
import { seriesLoop, termsTableBytes } from './series.ts';
import { chains, chunkBytes, columnChunk, paddedFeatures, rowGroup, scratchBytes } from './shape.ts';

/** Row values in the order of a row's record: those of the plan, then the limit of each series. */
export const rowValueNames = (plan: TilePlan): readonly string[] => [
  ...plan.row.map((v) => v.name),
  ...plan.series.map((s) => s.limit),
];

/** Bytes of the outputs of a chunk of columns. */
const outChunkBytes = (element: Element): number => 8 * columnChunk(element);

interface Machine {
  readonly relaxed: boolean;
  readonly element: Element;
}

export class TileWriter {
  readonly #plan: TilePlan;
  readonly #machine: Machine;
  readonly #element: Element;
  readonly #locals: Locals;
  readonly #constants: ConstantPool;
  readonly #at: Readonly<Record<'row' | 'chunk' | 'xAt' | 'yAt' | 'xrAt' | 'yrAt' | 'outAt' | 'k' | 'poison', number>>;

  constructor(plan: TilePlan, machine: Machine, locals: Locals, constants: ConstantPool) {
    this.#plan = plan;
    this.#machine = machine;
    this.#element = machine.element;
    this.#locals = locals;
    this.#constants = constants;
    const i32 = (name: string) => locals.named(name, 'i32');
    this.#at = {
      row: i32('row'),
      chunk: i32('chunk'),
      xAt: i32('xAt'),
      yAt: i32('yAt'),
      xrAt: i32('xrAt'),
      yrAt: i32('yrAt'),
      outAt: i32('outAt'),
      k: i32('k'),
      poison: locals.named('poison', 'v128'),
    };
  }

  #get(name: string): Instruction {
    return ['local.get', this.#locals.parameter(name)];
  }

  body(): readonly Instruction[] {
    const { row, poison } = this.#at;
    return [
      [';;', `groups of ${rowGroup} rows`],
      ['loop'],
      ...this.#rowGroup(),
      ['local.get', row],
      ['i32.const', rowGroup],
      ['i32.add'],
      ['local.tee', row],
      this.#get('rows'),
      ['i32.lt_s'],
      ['br_if', 0],
      ['end'],
      ...(this.#element.bytes === 8 ? [] : this.#halvedPoison()),
      ['local.get', poison],
      ['f64x2.extract_lane', 0],
      ['local.get', poison],
      ['f64x2.extract_lane', 1],
      ['f64.add'],
    ];
  }

  #halvedPoison(): readonly Instruction[] {
    const { poison } = this.#at;
    return [
      ['local.get', poison],
      ...upperHalf(poison),
      ['f32x4.add'],
      ['f64x2.promote_low_f32x4'],
      ['local.set', poison],
    ];
  }

  /** All chunks of 4 rows, from the one that holds the diagonal. */
  #rowGroup(): readonly Instruction[] {
    const { row, chunk, xAt } = this.#at;
    return [
      [';;', 'the first chunk of columns: max(0, (row + shift) / columns of a chunk)'],
      ['local.get', row],
      this.#get('shift'),
      ['i32.add'],
      ['i32.const', Math.log2(columnChunk(this.#element))],
      ['i32.shr_s'],
      ['local.tee', chunk],
      ['i32.const', 0],
      ['local.get', chunk],
      ['i32.const', 0],
      ['i32.gt_s'],
      ['select'],
      ['local.set', chunk],
      ...this.#address(xAt, 'x', row, this.#element.bytes * paddedFeatures(this.#plan.program.features)),
      ['block'],
      ['local.get', chunk],
      this.#get('chunks'),
      ['i32.ge_s'],
      ['br_if', 0],
      [';;', `chunks of ${columnChunk(this.#element)} columns`],
      ['loop'],
      ...this.#block(),
      ['local.get', chunk],
      ['i32.const', 1],
      ['i32.add'],
      ['local.tee', chunk],
      this.#get('chunks'),
      ['i32.lt_s'],
      ['br_if', 0],
      ['end'],
      ['end'],
    ];
  }

  /** Sets a local to parameter + index · bytes. */
  #address(local: number, base: string, index: number, bytes: number): readonly Instruction[] {
    return [
      this.#get(base),
      ['local.get', index],
      ['i32.const', bytes],
      ['i32.mul'],
      ['i32.add'],
      ['local.set', local],
    ];
  }

  /** 4 rows and a chunk of columns: inner products, then each row's outputs. */
  #block(): readonly Instruction[] {
    const { chunk, row, xAt, yAt, xrAt, yrAt, outAt } = this.#at;
    const depth = paddedFeatures(this.#plan.program.features);
    return [
      ...this.#address(yAt, 'y', chunk, chunkBytes * depth),
      [
        ';;',
        `inner products of the ${rowGroup} rows and the columns, to [${rowGroup}][${columnChunk(this.#element)}] at 0`,
      ],
      ...innerProducts({ locals: this.#locals, ...this.#machine, depth, x: xAt, y: yAt }),
      ...this.#address(xrAt, 'xr', row, this.#element.bytes * this.#rowValues.length),
      ...this.#address(yrAt, 'yr', chunk, chunkBytes * this.#plan.column.length),
      this.#get('out'),
      ['local.get', row],
      this.#get('chunks'),
      ['i32.mul'],
      ['local.get', chunk],
      ['i32.add'],
      ['i32.const', outChunkBytes(this.#element)],
      ['i32.mul'],
      ['i32.add'],
      ['local.set', outAt],
      ...this.#rows(),
    ];
  }

  get #rowValues(): readonly string[] {
    return rowValueNames(this.#plan);
  }

  #rows(): readonly Instruction[] {
    const { k, xrAt, outAt } = this.#at;
    return [
      ['i32.const', 0],
      ['local.set', k],
      [';;', `each row, ${chains} vectors of ${this.#element.perVector} columns in turn`],
      ['loop'],
      ...this.#outputs(),
      ['local.get', xrAt],
      ['i32.const', this.#element.bytes * this.#rowValues.length],
      ['i32.add'],
      ['local.set', xrAt],
      ['local.get', outAt],
      this.#get('chunks'),
      ['i32.const', outChunkBytes(this.#element)],
      ['i32.mul'],
      ['i32.add'],
      ['local.set', outAt],
      ['local.get', k],
      ['i32.const', chunkBytes],
      ['i32.add'],
      ['local.tee', k],
      ['i32.const', scratchBytes],
      ['i32.lt_s'],
      ['br_if', 0],
      ['end'],
    ];
  }

  /** The fused part for a chunk of columns of one row. */
  #outputs(): readonly Instruction[] {
    const { outAt, poison } = this.#at;
    const { body, results } = emitLanes(expandCalls(this.#plan.lanes, this.#element.type), this.#laneTarget());
    const zero = this.#locals.take();
    const stores = results.flatMap((chainLocals, output): readonly Instruction[] => [
      ...(output === 0
        ? []
        : ([['local.get', outAt], this.#get('outBytes'), ['i32.add'], ['local.set', outAt]] as const)),
      [';;', `to out: ${this.#plan.program.outputs[output]?.name}`],
      ...chainLocals.flatMap((local, chain): readonly Instruction[] => [
        ...this.#store(local, chain),
        // 0·v is NaN where v is infinite or NaN.
        ['local.get', local],
        ['local.get', zero],
        [floatOp(this.#element, 'mul')],
        ['local.get', poison],
        [floatOp(this.#element, 'add')],
        ['local.set', poison],
      ]),
    ]);
    const back: readonly Instruction[] = [
      ['local.get', outAt],
      this.#get('outBytes'),
      ['i32.const', results.length - 1],
      ['i32.mul'],
      ['i32.sub'],
      ['local.set', outAt],
    ];
    return [...body, ['v128.const', 0n, 0n], ['local.set', zero], ...stores, ...(results.length > 1 ? back : [])];
  }

  /** A vector of results to its place, as float64. */
  #store(local: number, chain: number): readonly Instruction[] {
    const at: Instruction = ['local.get', this.#at.outAt];
    if (this.#element.bytes === 8) return [at, ['local.get', local], ['v128.store', 16 * chain]];
    return [
      at,
      ['local.get', local],
      ['f64x2.promote_low_f32x4'],
      ['v128.store', 32 * chain],
      at,
      ...upperHalf(local),
      ['f64x2.promote_low_f32x4'],
      ['v128.store', 32 * chain + 16],
    ];
  }

  #laneTarget(): LaneTarget {
    const { k, xrAt, yrAt } = this.#at;
    const columns = this.#plan.column.map((v) => v.name);
    return {
      chains,
      ...this.#machine,
      constants: this.#constants,
      row: (name) => [
        ['local.get', xrAt],
        [this.#element.splat, this.#element.bytes * this.#rowValues.indexOf(name)],
      ],
      load: (op, name, chain) =>
        op === 'pair' && name === innerProduct
          ? [
              ['local.get', k],
              ['v128.load', 16 * chain],
            ]
          : [
              ['local.get', yrAt],
              ['v128.load', chunkBytes * columns.indexOf(name) + 16 * chain],
            ],
      series: (name, rho, into) => {
        const { row, chunk } = this.#at;
        const index = this.#plan.series.findIndex((s) => s.name === name);
        const table = scratchBytes + index * termsTableBytes;
        return seriesLoop({ locals: this.#locals, ...this.#machine, index, row, k, chunk, table, rho, into });
      },
      take: this.#locals.take,
      free: this.#locals.free,
    };
  }
}
