/**
 * A planned pass as a WebAssembly function. It walks the leading axes, then (span 'all') the rows w, then the lanes, 8 at a
 * time, and a shorter step for what is left of them. What a window reads is a load from a neighbouring address.
 *
 * Parameters: rows of each leading axis; the addresses of the first cell in the records of x and x', less the offset of the
 * array in the record; the addresses of both records; where it sums series, the blocks of their tables that the first cell
 * is in; for each cursor over a kept array, the bytes from its first cell.
 */
import type { LaneProgram } from '../../../../ir/loop/index.ts';
import {
  type Cursor,
  degreeName,
  inputName,
  type Layout,
  type Load,
  type Pass,
  type PassSeries,
  type Routine,
  type SampleRecord,
} from '../../../plan/spatial/index.ts';
import type { Instruction, Variable, WasmFunction } from '../assembler/index.ts';
import { elements } from '../element.ts';
import { type ConstantPool, emitLanes, expandCalls, type LaneTarget } from '../lanes.ts';
import { Locals } from '../locals.ts';
import { channelLoop } from './channels.ts';
import { move, repeated, set, twoLanes } from './loops.ts';
import { laneChunk, type Pointer, passPointers } from './pointers.ts';
import { type SeriesTable, seriesLoop } from './series.ts';
import { accumulated, addedTo } from './sums.ts';

const element = elements.float64;

/** Where everything is in memory, in bytes. */
export interface PassMemory {
  readonly channels: number;
  readonly routine: Routine;
  readonly record: SampleRecord;
  /** Of each buffer of the plan. */
  readonly buffers: readonly number[];
  readonly constants: ConstantPool;
  /** Where the table of terms for a tolerance is. */
  readonly terms: ReadonlyMap<number, number>;
  readonly relaxed: boolean;
}

export function passFunction(name: string, pass: Pass, memory: PassMemory): WasmFunction {
  const parameters = parameterNames(pass).map((p): Variable => ({ name: p, type: 'i32' }));
  const locals = new Locals(parameters);
  const body = new PassWriter(pass, memory, locals).body();
  return { name, parameters, results: [], locals: locals.declared, body };
}

function parameterNames({ layout, cursors, series }: Pass): readonly string[] {
  const leading = layout.extents.slice(0, -1).map((_, axis) => `rows${axis}`);
  const kept = cursors.flatMap((c, k) => (c.layout.kept ? [`from${k}`] : []));
  const blocks = series.size === 0 ? [] : ['xBlock', 'yBlock'];
  return [...leading, 'x', 'y', 'xRecord', 'yRecord', ...blocks, ...kept];
}

class PassWriter {
  readonly #pass: Pass;
  readonly #memory: PassMemory;
  readonly #locals: Locals;
  readonly #pointers: readonly Pointer[];
  /** The pointer to what the pass writes. */
  readonly #own: string;
  /** Loops around the lanes: those of the leading axes, and of the rows. */
  readonly #depth: number;
  readonly #sums = new Map<string, number>();
  readonly #spelled: LaneProgram;

  constructor(pass: Pass, memory: PassMemory, locals: Locals) {
    this.#pass = pass;
    this.#memory = memory;
    this.#locals = locals;
    this.#depth = pass.layout.extents.length - (pass.layout.span === 'all' ? 0 : 1);
    const { pointers, own } = passPointers(pass, (name) => this.#parameter(name));
    this.#pointers = pointers;
    this.#own = own;
    this.#spelled = expandCalls(pass.lanes);
  }

  body(): readonly Instruction[] {
    for (const s of this.#pass.stores) if (s.kind === 'sum') this.#sums.set(s.name, this.#locals.take());
    return [
      ...[...this.#sums.values()].flatMap((local): readonly Instruction[] => [
        ['v128.const', 0n, 0n],
        ['local.set', local],
      ]),
      ...this.#pointers.flatMap((p): readonly Instruction[] => [p.start, ['local.set', this.#at(p, 0)]]),
      ...this.#loop(0),
      ...[...this.#sums].flatMap(([name, local]) => addedTo(this.#numberAt(name), local)),
    ];
  }

  #at(p: Pointer, level: number): number {
    return this.#locals.named(`${p.name}${level}`, 'i32');
  }
  #parameter(name: string): Instruction {
    return ['local.get', this.#locals.parameter(name)];
  }

  /** The loop at a depth, and all within it. */
  #loop(level: number): readonly Instruction[] {
    if (level === this.#depth) return this.#lanes();
    const { extents } = this.#pass.layout;
    const count = this.#locals.named(`left${level}`, 'i32');
    const isRows = level === extents.length - 1;
    const times: Instruction = isRows ? ['i32.const', extents[level] as number] : this.#parameter(`rows${level}`);
    return repeated(count, times, [
      ...this.#pointers.flatMap((p) => set(this.#at(p, level + 1), ['local.get', this.#at(p, level)])),
      ...this.#loop(level + 1),
      ...this.#pointers.flatMap((p) => this.#advance(p, level)),
    ]);
  }

  #advance(p: Pointer, level: number): readonly Instruction[] {
    const step = p.steps[level] as number;
    return step === 0 ? [] : move(this.#at(p, level), ['i32.const', step]);
  }

  #lanes(): readonly Instruction[] {
    const width = this.#pass.layout.extents.at(-1) as number;
    const whole = Math.floor(width / laneChunk);
    const rest = width % laneChunk;
    const chunk = (lanes: number) => [
      ...this.#chunk(lanes),
      ...this.#pointers.flatMap((p) => this.#advance(p, this.#depth)),
    ];
    const count = this.#locals.named('chunks', 'i32');
    const loop: readonly Instruction[] =
      whole > 1 ? repeated(count, ['i32.const', whole], chunk(laneChunk)) : whole === 1 ? chunk(laneChunk) : [];
    return [...loop, ...(rest > 0 ? [[';;', `the last ${rest} lanes`] as const, ...this.#chunk(rest)] : [])];
  }

  /** Some lanes of one row: everything the pass computes there. */
  #chunk(lanes: number): readonly Instruction[] {
    const vectors = Math.ceil(lanes / 2);
    const { body, results } = emitLanes(this.#spelled, this.#target(vectors, lanes % 2 === 1));
    const stores = this.#pass.stores.flatMap((store, r): readonly Instruction[] => {
      const held = results[r] as readonly number[];
      if (store.kind === 'sum') return accumulated(this.#sums.get(store.name) as number, held, lanes % 2 === 1);
      const { at, offset } = this.#storeAt(store);
      return held.flatMap((local, vector): readonly Instruction[] =>
        2 * vector + 1 < lanes
          ? [
              ['local.get', at],
              ['local.get', local],
              ['v128.store', offset + 16 * vector],
            ]
          : [
              ['local.get', at],
              ['local.get', local],
              ['f64x2.extract_lane', 0],
              ['f64.store', offset + 16 * vector],
            ],
      );
    });
    for (const local of new Set(results.flat())) this.#locals.free(local);
    return [...body, ...stores];
  }

  #pointer(name: string): number {
    return this.#at(this.#pointers.find((p) => p.name === name) as Pointer, this.#depth);
  }

  #storeAt(store: Exclude<Pass['stores'][number], { kind: 'sum' }>): { readonly at: number; readonly offset: number } {
    if (store.kind === 'sample') return { at: this.#pointer('xAt'), offset: this.#inRecord(store.name) };
    return { at: this.#pointer(this.#own), offset: this.#arrayAt(store.array, this.#pass.layout) };
  }

  /** Address of the first cell. */
  #arrayAt(array: string, { origin }: Layout): number {
    const { routine, buffers } = this.#memory;
    return (buffers[routine.buffers.get(array) as number] as number) + 8 * origin;
  }

  #numberAt(name: string): number {
    return 8 * this.#memory.routine.numbers.indexOf(name);
  }

  #load(op: string, name: string): Load {
    const found = this.#pass.loads.get(`${op} ${name}`);
    if (found === undefined) throw new Error(`ntkc bug: no load of ${op} ${name}`);
    return found;
  }

  #target(vectors: number, isOdd: boolean): LaneTarget {
    const { constants, relaxed } = this.#memory;
    return {
      element,
      chains: vectors,
      relaxed,
      constants,
      row: (name) => this.#uniform(this.#load('row', name)),
      load: (op, name, vector) => {
        const from = this.#load(op, name);
        if (from.kind === 'number') throw new Error('ntkc bug: a number is no pair value');
        if (from.kind === 'array') return this.#arrayLoad(from, vector);
        return [
          ['local.get', this.#pointer(`${from.side}At`)],
          ['v128.load', this.#inRecord(from.name) + 16 * vector],
        ];
      },
      series: (name, rho, into) => {
        const series = this.#pass.series.get(name);
        return series === undefined ? this.#channels(into) : this.#series(name, series, { rho, into, isOdd });
      },
      take: this.#locals.take,
      free: this.#locals.free,
    };
  }

  /** A number that is the same in all lanes, in both halves of a vector. */
  #uniform(from: Load): readonly Instruction[] {
    if (from.kind === 'array') throw new Error('ntkc bug: an array is no row value');
    if (from.kind === 'number')
      return [
        ['i32.const', 0],
        ['v128.load64_splat', this.#numberAt(from.name)],
      ];
    const { numbers } = this.#memory.record;
    if (from.isNumber)
      return [this.#parameter(`${from.side}Record`), ['v128.load64_splat', 8 * (numbers.get(from.name) as number)]];
    return [
      ['local.get', this.#pointer(`${from.side}At`)],
      ['v128.load64_splat', this.#inRecord(from.name)],
    ];
  }

  /** Where a sample's array begins in its record. */
  #inRecord(name: string): number {
    return 8 * (this.#memory.record.arrays.get(name)?.at as number);
  }

  /** Σ_c x[p c]·x'[p' c] into each vector. */
  #channels(into: readonly number[]): readonly Instruction[] {
    const side = (name: 'x' | 'y') => {
      const from = this.#load('series', name);
      if (from.kind !== 'sample') throw new Error('ntkc bug: channels are of samples');
      return this.#pointer(`${from.side}At`);
    };
    const [first, second] = [this.#inRecord(inputName(0)), this.#inRecord(inputName(1))];
    return channelLoop({
      locals: this.#locals,
      relaxed: this.#memory.relaxed,
      channels: this.#memory.channels,
      x: side('x'),
      y: side('y'),
      offset: first,
      step: second - first,
      isSplat: this.#pass.layout.span === 'all',
      into,
    });
  }

  /** Σ_p a_p a'_p ρ^p into each vector. */
  #series(
    name: string,
    { tolerance }: PassSeries,
    chunk: { readonly rho: readonly number[]; readonly into: readonly number[]; readonly isOdd: boolean },
  ): readonly Instruction[] {
    const { relaxed, record, terms } = this.#memory;
    const at = 8 * (record.tables.get(name) as number);
    const table = (side: 'x' | 'y'): SeriesTable => ({
      address: [this.#parameter(`${side}Record`), ['i32.load', at]],
      blockBytes: [this.#parameter(`${side}Record`), ['i32.load', at + 4]],
      block: this.#pointer(`${side}Block`),
    });
    return seriesLoop({
      locals: this.#locals,
      relaxed,
      degree: [
        ['i32.const', 0],
        ['i32.load', this.#numberAt(degreeName(name))],
      ],
      tables: [table('x'), table('y')],
      xLane: this.#pass.layout.span === 'all' ? this.#pointer('xLane') : undefined,
      terms: terms.get(tolerance) as number,
      ...chunk,
    });
  }

  #arrayLoad({ array, cursor, offset }: Extract<Load, { kind: 'array' }>, vector: number): readonly Instruction[] {
    const { layout, strides } = this.#pass.cursors[cursor] as Cursor;
    const stride = strides.at(-1) as number;
    const at: Instruction = ['local.get', this.#pointer(`cursor${cursor}`)];
    const address = this.#arrayAt(array, layout) + 8 * offset + 16 * vector * stride;
    return twoLanes(at, address, stride);
  }
}
