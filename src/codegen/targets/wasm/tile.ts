/**
 * A planned tile as one WebAssembly module: inner products of 4 rows and 8 columns at a time into a scratch that stays in
 * the cache, and every step after them fused, 8 columns of one row at a time.
 *
 * The memory a call reads and writes, all float64 (r rows, a whole number of 4; c chunks of 8 columns):
 *   x[r][d]  rows of inputs, d = paddedFeatures     xr[r][v]     their row values
 *   y[c][d][8]  columns of inputs                   yr[c][v][8]  their column values
 *   for each series, P coefficients from the highest power down: xs[r][P], ys[c][P][8]
 *   out[k][r][c·8]  the outputs
 */
import { innerProduct, type TilePlan } from '../../plan/index.ts';
import type { Instruction, Variable, WasmModule } from './assembler/index.ts';
import { innerProducts } from './innerProducts.ts';
import { ConstantPool, emitLanes, expandCalls, type LaneTarget } from './lanes.ts';
import { Locals } from './locals.ts';
import { seriesLoop, termsTable, termsTableBytes } from './series.ts';
import { chains, chunkBytes, columnChunk, paddedFeatures, rowGroup, scratchBytes } from './shape.ts';

/** Tables of the series one after another, as bytes. */
function joined(tables: readonly Int32Array[], length: number): Uint8Array {
  const all = new Int32Array(length / 4);
  all.set(tables.flatMap((t) => [...t]));
  return new Uint8Array(all.buffer);
}

export interface TileModule {
  readonly module: WasmModule;
  /** Where the caller's data may begin. */
  readonly heapOffset: number;
}

/**
 * tile(rows, chunks, shift, x, xr, y, yr, out, outBytes, then for each series its xs, ys and P) fills out and returns a
 * number that is NaN where any of it is NaN or infinite. `shift` is (index of the first row) − (index of the first column)
 * where the tile is of a symmetric matrix: chunks wholly below the diagonal are then skipped; else a large negative number.
 */
export function tileModule(
  plan: TilePlan,
  options: { readonly relaxed: boolean; readonly head: readonly string[] },
): TileModule {
  const names = ['rows', 'chunks', 'shift', 'x', 'xr', 'y', 'yr', 'out', 'outBytes'];
  const seriesNames = plan.series.flatMap((_, s) => [`xs${s}`, `ys${s}`, `degree${s}`]);
  const parameters = [...names, ...seriesNames].map((name): Variable => ({ name, type: 'i32' }));
  const locals = new Locals(parameters);
  const tables = plan.series.map((t) => termsTable(t.tolerance));
  const tableBytes = Math.ceil((tables.length * termsTableBytes) / 8) * 8;
  const constants = new ConstantPool(scratchBytes + tableBytes);
  const body = new TileWriter(plan, options.relaxed, locals, constants).body();
  const bytes = Uint8Array.from([...joined(tables, tableBytes), ...constants.bytes()]);
  const module: WasmModule = {
    head: options.head,
    memory: { minimumPages: 1, maximumPages: 65536, shared: false },
    functions: [{ name: 'tile', parameters, results: ['f64'], locals: locals.declared, body }],
    data: { offset: scratchBytes, bytes },
  };
  const heapOffset = Math.ceil((scratchBytes + bytes.length) / 64) * 64;
  return { module, heapOffset };
}

class TileWriter {
  readonly #plan: TilePlan;
  readonly #relaxed: boolean;
  readonly #locals: Locals;
  readonly #constants: ConstantPool;
  readonly #at: Readonly<Record<'row' | 'chunk' | 'xAt' | 'yAt' | 'xrAt' | 'yrAt' | 'outAt' | 'k' | 'poison', number>>;

  constructor(plan: TilePlan, relaxed: boolean, locals: Locals, constants: ConstantPool) {
    this.#plan = plan;
    this.#relaxed = relaxed;
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
      ['local.get', poison],
      ['f64x2.extract_lane', 0],
      ['local.get', poison],
      ['f64x2.extract_lane', 1],
      ['f64.add'],
    ];
  }

  /** All chunks of 4 rows, from the one that holds the diagonal. */
  #rowGroup(): readonly Instruction[] {
    const { row, chunk, xAt } = this.#at;
    return [
      [';;', 'the first chunk of columns: max(0, (row + shift) >> 3)'],
      ['local.get', row],
      this.#get('shift'),
      ['i32.add'],
      ['i32.const', Math.log2(columnChunk)],
      ['i32.shr_s'],
      ['local.tee', chunk],
      ['i32.const', 0],
      ['local.get', chunk],
      ['i32.const', 0],
      ['i32.gt_s'],
      ['select'],
      ['local.set', chunk],
      ...this.#address(xAt, 'x', row, 8 * paddedFeatures(this.#plan.program.features)),
      ['block'],
      ['local.get', chunk],
      this.#get('chunks'),
      ['i32.ge_s'],
      ['br_if', 0],
      [';;', `chunks of ${columnChunk} columns`],
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

  /** 4 rows and 8 columns: inner products, then each row's outputs. */
  #block(): readonly Instruction[] {
    const { chunk, row, xAt, yAt, xrAt, yrAt, outAt } = this.#at;
    const depth = paddedFeatures(this.#plan.program.features);
    return [
      ...this.#address(yAt, 'y', chunk, chunkBytes * depth),
      [';;', `inner products of the ${rowGroup} rows and the columns, to [${rowGroup}][${columnChunk}] at 0`],
      ...innerProducts({ locals: this.#locals, relaxed: this.#relaxed, depth, x: xAt, y: yAt }),
      ...this.#address(xrAt, 'xr', row, 8 * this.#rowValues.length),
      ...this.#address(yrAt, 'yr', chunk, chunkBytes * this.#plan.column.length),
      this.#get('out'),
      ['local.get', row],
      this.#get('chunks'),
      ['i32.mul'],
      ['local.get', chunk],
      ['i32.add'],
      ['i32.const', chunkBytes],
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
      [';;', `each row, ${chains} vectors of two columns in turn`],
      ['loop'],
      ...this.#outputs(),
      ['local.get', xrAt],
      ['i32.const', 8 * this.#rowValues.length],
      ['i32.add'],
      ['local.set', xrAt],
      ['local.get', outAt],
      this.#get('chunks'),
      ['i32.const', chunkBytes],
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

  /** The fused part for 8 columns of one row. */
  #outputs(): readonly Instruction[] {
    const { outAt, poison } = this.#at;
    const { body, results } = emitLanes(expandCalls(this.#plan.lanes), this.#laneTarget());
    const zero = this.#locals.take();
    const stores = results.flatMap((chainLocals, output): readonly Instruction[] => [
      ...(output === 0
        ? []
        : ([['local.get', outAt], this.#get('outBytes'), ['i32.add'], ['local.set', outAt]] as const)),
      [';;', `to out: ${this.#plan.program.outputs[output]?.name}`],
      ...chainLocals.flatMap((local, chain): readonly Instruction[] => [
        ['local.get', outAt],
        ['local.get', local],
        ['v128.store', 16 * chain],
        // 0·v is NaN where v is infinite or NaN.
        ['local.get', local],
        ['local.get', zero],
        ['f64x2.mul'],
        ['local.get', poison],
        ['f64x2.add'],
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

  #laneTarget(): LaneTarget {
    const { k, xrAt, yrAt } = this.#at;
    const columns = this.#plan.column.map((v) => v.name);
    return {
      chains,
      relaxed: this.#relaxed,
      constants: this.#constants,
      row: (name) => [
        ['local.get', xrAt],
        ['v128.load64_splat', 8 * this.#rowValues.indexOf(name)],
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
        return seriesLoop({ locals: this.#locals, relaxed: this.#relaxed, index, row, k, chunk, table, rho, into });
      },
      take: this.#locals.take,
      free: this.#locals.free,
    };
  }
}

/** Row values in the order of a row's record: those of the plan, then the limit of each series. */
export const rowValueNames = (plan: TilePlan): readonly string[] => [
  ...plan.row.map((v) => v.name),
  ...plan.series.map((s) => s.limit),
];
