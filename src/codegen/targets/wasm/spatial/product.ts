/** A product of matrices as a WebAssembly function, for contractions. Zeros of the left one cost next to nothing. */
import type { Instruction, Variable, WasmFunction } from '../assembler/index.ts';
import { Locals } from '../locals.ts';
import { again } from './loops.ts';
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
  const [rows, chunk, terms, row, element, right, to] = ['rows', 'chunk', 'terms', 'row', 'element', 'right', 'to'].map(
    i32,
  ) as [number, number, number, number, number, number, number];
  const factor = locals.take();
  const sums = Array.from({ length: laneChunk / 2 }, locals.take);
  const move = (local: number, by: Instruction): readonly Instruction[] => [
    ['local.get', local],
    by,
    ['i32.add'],
    ['local.set', local],
  ];
  const set = (local: number, from: Instruction): readonly Instruction[] => [from, ['local.set', local]];
  const add = (sum: number, vector: number): readonly Instruction[] => [
    ['local.get', factor],
    ['local.get', right],
    ['v128.load', 16 * vector],
    ...(relaxed
      ? ([['local.get', sum], ['f64x2.relaxed_madd']] as const)
      : ([['f64x2.mul'], ['local.get', sum], ['f64x2.add']] as const)),
    ['local.set', sum],
  ];
  const body: readonly Instruction[] = [
    ...set(row, get('a')),
    ...set(rows, get('n')),
    ['loop'],
    ...set(chunk, ['i32.const', 0]),
    ['loop'],
    ...sums.flatMap((sum) => set(sum, ['v128.const', 0n, 0n])),
    ...set(element, ['local.get', row]),
    ...set(right, get('b')),
    ...move(right, ['local.get', chunk]),
    ...set(terms, get('n')),
    ['loop'],
    ['block'],
    ['local.get', element],
    ['v128.load64_splat', 0],
    ['local.tee', factor],
    ['v128.const', 0n, 0n],
    ['f64x2.eq'],
    ['v128.any_true'],
    ['br_if', 0],
    ...sums.flatMap(add),
    ['end'],
    ...move(element, ['i32.const', 8]),
    ...move(right, ['i32.const', 8 * columns]),
    ...again(terms),
    ['end'],
    ...set(to, get('out')),
    ...move(to, ['local.get', chunk]),
    ...sums.flatMap((sum, vector): readonly Instruction[] => [
      ['local.get', to],
      ['local.get', sum],
      ['v128.store', 16 * vector],
    ]),
    ['local.get', chunk],
    ['i32.const', 8 * laneChunk],
    ['i32.add'],
    ['local.tee', chunk],
    ['i32.const', 8 * columns],
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
    ...move(row, get('aStep')),
    ['local.get', locals.parameter('out')],
    ['i32.const', 8 * columns],
    ['i32.add'],
    ['local.set', locals.parameter('out')],
    ...again(rows),
    ['end'],
  ];
  return { name: 'product', parameters, results: [], locals: locals.declared, body };
}
