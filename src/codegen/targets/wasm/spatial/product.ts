/** A product of matrices as a WebAssembly function, for contractions. Zeros of the left one cost next to nothing. */
import type { Instruction, Variable, WasmFunction } from '../assembler/index.ts';
import { Locals } from '../locals.ts';
import { addProduct, cleared, move, repeated, set } from './loops.ts';
import { laneChunk } from './pointers.ts';

/** Columns as they lie in memory: whole chunks. */
export const paddedColumns = (n: number): number => Math.ceil(n / laneChunk) * laneChunk;

/**
 * product(a, aStep, b, out, n): out[i j] = Σ_k a[i k] b[k j] for i, k < n and all `columns` j, at these addresses; rows of a
 * are aStep bytes apart, those of b and out `columns` numbers.
 */
export function productFunction(columns: number, relaxed: boolean): WasmFunction {
  const parameters = ['a', 'aStep', 'b', 'out', 'n'].map((name): Variable => ({ name, type: 'i32' }));
  const locals = new Locals(parameters);
  const get = (name: string): Instruction => ['local.get', locals.parameter(name)];
  const i32 = (name: string) => locals.named(name, 'i32');
  const [row, chunk] = [i32('row'), i32('chunk')];
  const oneRow = [
    ...set(chunk, ['i32.const', 0]),
    ...repeated(
      i32('chunks'),
      ['i32.const', columns / laneChunk],
      [...rowTimesChunk({ locals, relaxed, columns, row, chunk }), ...move(chunk, ['i32.const', 8 * laneChunk])],
    ),
    ...move(row, get('aStep')),
    ...move(locals.parameter('out'), ['i32.const', 8 * columns]),
  ];
  const body = [...set(row, get('a')), ...repeated(i32('rows'), get('n'), oneRow)];
  return { name: 'product', parameters, results: [], locals: locals.declared, body };
}

interface RowAndChunk {
  readonly locals: Locals;
  readonly relaxed: boolean;
  readonly columns: number;
  /** Locals: the address of the row of a, and how far the chunk is from the first. */
  readonly row: number;
  readonly chunk: number;
}

/** 8 columns of one row of the product. */
function rowTimesChunk({ locals, relaxed, columns, row, chunk }: RowAndChunk): readonly Instruction[] {
  const get = (name: string): Instruction => ['local.get', locals.parameter(name)];
  const [element, right, to] = [
    locals.named('element', 'i32'),
    locals.named('right', 'i32'),
    locals.named('to', 'i32'),
  ];
  const factor = locals.take();
  const sums = Array.from({ length: laneChunk / 2 }, locals.take);
  const term: readonly Instruction[] = [
    ['block'],
    ['local.get', element],
    ['v128.load64_splat', 0],
    ['local.tee', factor],
    ['v128.const', 0n, 0n],
    ['f64x2.eq'],
    ['v128.any_true'],
    ['br_if', 0],
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      ['local.get', factor],
      ['local.get', right],
      ['v128.load', 16 * vector],
      ...addProduct(sum, relaxed),
    ]),
    ['end'],
    ...move(element, ['i32.const', 8]),
    ...move(right, ['i32.const', 8 * columns]),
  ];
  return [
    ...cleared(sums),
    ...set(element, ['local.get', row]),
    ...set(right, get('b')),
    ...move(right, ['local.get', chunk]),
    ...repeated(locals.named('terms', 'i32'), get('n'), term),
    ...set(to, get('out')),
    ...move(to, ['local.get', chunk]),
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      ['local.get', to],
      ['local.get', sum],
      ['v128.store', 16 * vector],
    ]),
  ];
}
