import type { Instruction } from '../assembler/index.ts';

/** Counts down, and goes back to the start of the loop until 0. */
export const again = (count: number): readonly Instruction[] => [
  ['local.get', count],
  ['i32.const', -1],
  ['i32.add'],
  ['local.tee', count],
  ['br_if', 0],
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
