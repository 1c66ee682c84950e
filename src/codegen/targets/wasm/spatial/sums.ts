/** Sums that a pass adds up as it goes, two halves of a vector. */
import type { Instruction } from '../assembler/index.ts';

/** sum += all these vectors; where `isOdd` only the first lane of the last one. */
export function accumulated(sum: number, held: readonly number[], isOdd: boolean): readonly Instruction[] {
  const last = held.length - 1;
  return [
    ...held.flatMap((local, vector): readonly Instruction[] => [
      ['local.get', local],
      ...(isOdd && vector === last ? ([['v128.const', 0xffffffffffffffffn, 0n], ['v128.and']] as const) : []),
      ...(vector % 2 === 1 ? ([['f64x2.add']] as const) : []),
    ]),
    ...Array.from({ length: Math.ceil(held.length / 2) - 1 }, (): Instruction => ['f64x2.add']),
    ['local.get', sum],
    ['f64x2.add'],
    ['local.set', sum],
  ];
}

/** Adds both halves to the number at an address. */
export const addedTo = (at: number, sum: number): readonly Instruction[] => [
  ['i32.const', 0],
  ['i32.const', 0],
  ['f64.load', at],
  ['local.get', sum],
  ['f64x2.extract_lane', 0],
  ['local.get', sum],
  ['f64x2.extract_lane', 1],
  ['f64.add'],
  ['f64.add'],
  ['f64.store', at],
];
