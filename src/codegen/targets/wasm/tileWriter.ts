/** The loops of a tile: groups of rows, chunks of columns, rows of a group. */
import type { TilePlan } from '../../plan/index.ts';
import { type Instruction, joined, type WasmFunction } from './assembler/index.ts';
import { type Element, type Machine, upperHalf } from './element.ts';
import { closeGapsFunction } from './gaps.ts';
import { innerProducts } from './innerProducts.ts';
import type { ConstantPool } from './lanes.ts';
import type { Locals } from './locals.ts';
import { RowWriter, rowValueNames, type TileLocals } from './rowWriter.ts';
import { chunkBytes, columnChunk, paddedFeatures, rowGroup, scratchBytes } from './shape.ts';

/** The functions beside the tile, from index 1 on. */
export const helperFunctions = ({ careful, program }: TilePlan, machine: Machine): readonly WasmFunction[] =>
  careful === undefined ? [] : [closeGapsFunction(machine, paddedFeatures(program.features), scratchBytes)];

export class TileWriter {
  readonly #plan: TilePlan;
  readonly #machine: Machine;
  readonly #element: Element;
  readonly #locals: Locals;
  readonly #constants: ConstantPool;
  readonly #at: TileLocals;

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
    return joined([[';;', `groups of ${rowGroup} rows`], ['loop']], this.#rowGroup(), [
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
    ]);
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
    const before: readonly Instruction[] = [
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
    ];
    return joined(before, this.#block(), [
      ['local.get', chunk],
      ['i32.const', 1],
      ['i32.add'],
      ['local.tee', chunk],
      this.#get('chunks'),
      ['i32.lt_s'],
      ['br_if', 0],
      ['end'],
      ['end'],
    ]);
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
    const before: readonly Instruction[] = [
      ...this.#address(yAt, 'y', chunk, chunkBytes * depth),
      [
        ';;',
        `inner products of the ${rowGroup} rows and the columns, to [${rowGroup}][${columnChunk(this.#element)}] at 0`,
      ],
      ...innerProducts({ locals: this.#locals, ...this.#machine, depth, x: xAt, y: yAt }),
      ...this.#withoutDiagonal(),
      ...this.#address(xrAt, 'xr', row, this.#element.bytes * this.#rowValues.length),
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
    ];
    return joined(before, this.#rows());
  }

  get #rowValues(): readonly string[] {
    return rowValueNames(this.#plan);
  }

  /** Where a sample meets itself, 0 in place of the inner product: no care is needed for what the caller fills in. */
  #withoutDiagonal(): readonly Instruction[] {
    const { row, chunk, k } = this.#at;
    const { bytes } = this.#element;
    return [
      ['local.get', row],
      this.#get('shift'),
      ['i32.add'],
      ['local.get', chunk],
      ['i32.const', Math.log2(columnChunk(this.#element))],
      ['i32.shl'],
      ['i32.sub'],
      ['local.tee', k],
      ['i32.const', columnChunk(this.#element)],
      ['i32.lt_u'],
      ['if'],
      [';;', 'the diagonal'],
      ['local.get', k],
      ['i32.const', Math.log2(bytes)],
      ['i32.shl'],
      ['local.set', k],
      ...Array.from({ length: rowGroup }, (_, i): readonly Instruction[] => [
        ['local.get', k],
        [bytes === 8 ? 'f64.const' : 'f32.const', 0],
        [bytes === 8 ? 'f64.store' : 'f32.store', i * (chunkBytes + bytes)],
      ]).flat(),
      ['end'],
    ];
  }

  #rows(): readonly Instruction[] {
    const { k } = this.#at;
    const [plan, machine, locals, constants] = [this.#plan, this.#machine, this.#locals, this.#constants];
    const writer = new RowWriter({ plan, machine, locals, constants, at: this.#at });
    return joined(
      [['i32.const', 0], ['local.set', k], [';;', writer.comment], ['loop']],
      writer.code(),
      writer.next(writer.rows),
      [['local.get', k], ['i32.const', scratchBytes], ['i32.lt_s'], ['br_if', 0], ['end']],
    );
  }
}
