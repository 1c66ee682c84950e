import type { Instruction } from '../assembler/index.ts';

/** A body so often, at least once; `left` is a local that nothing else uses. */
export const repeated = (left: number, times: Instruction, body: readonly Instruction[]): readonly Instruction[] => [
  times,
  ['local.set', left],
  ['loop'],
  ...body,
  ['local.get', left],
  ['i32.const', -1],
  ['i32.add'],
  ['local.tee', left],
  ['br_if', 0],
  ['end'],
];

export const set = (local: number, from: Instruction): readonly Instruction[] => [from, ['local.set', local]];

/** Adds to an address. */
export const move = (local: number, by: Instruction): readonly Instruction[] => [
  ['local.get', local],
  by,
  ['i32.add'],
  ['local.set', local],
];

/** Vectors of zeros. */
export const cleared = (vectors: readonly number[]): readonly Instruction[] =>
  vectors.flatMap((local) => set(local, ['v128.const', 0n, 0n]));

/** sum += the product of the two factors on the stack, rounded once where the machine has relaxed SIMD. */
export const addProduct = (sum: number, relaxed: boolean): readonly Instruction[] => [
  ...(relaxed
    ? ([['local.get', sum], ['f64x2.relaxed_madd']] as const)
    : ([['f64x2.mul'], ['local.get', sum], ['f64x2.add']] as const)),
  ['local.set', sum],
];

/** Two numbers that are `stride` apart, as one vector. */
export const twoLanes = (at: Instruction, address: number, stride: number): readonly Instruction[] =>
  stride === 1
    ? [at, ['v128.load', address]]
    : [
        at,
        ['v128.load64_splat', address],
        at,
        ['v128.load64_splat', address + 8 * stride],
        ['i8x16.shuffle', 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
      ];
