import type { Instruction } from './assembler/index.ts';
import type { Locals } from './locals.ts';
import { chains, chunkBytes, rowGroup, unrolled } from './shape.ts';

interface InnerProducts {
  readonly locals: Locals;
  readonly relaxed: boolean;
  /** Padded features, a whole number of 4. */
  readonly depth: number;
  /** Locals with the addresses of 4 rows [4][depth] and of a chunk of columns [depth][chunk]. */
  readonly x: number;
  readonly y: number;
}

/** Vectors of columns at a time: 4 rows · 2 vectors are 8 sums, which with 3 operands fit in 16 registers. */
const vectors = 2;

/** s[i][j] = Σ_c x[i][c]·y[c][j] into the scratch at address 0, [4][chunk], each sum in the order of c. */
export function innerProducts({ locals, relaxed, depth, x, y }: InnerProducts): readonly Instruction[] {
  const [xAt, yAt] = [locals.named('xc', 'i32'), locals.named('yc', 'i32')];
  const sums = Array.from({ length: rowGroup * vectors }, locals.take);
  const columns = Array.from({ length: vectors }, locals.take);
  const element = locals.take();
  const step = (c: number): readonly Instruction[] => [
    ...columns.flatMap((local, v): readonly Instruction[] => [
      ['local.get', yAt],
      ['v128.load', chunkBytes * c + 16 * v],
      ['local.set', local],
    ]),
    ...Array.from({ length: rowGroup }, (_, i): readonly Instruction[] => [
      ['local.get', xAt],
      ['v128.load64_splat', 8 * (depth * i + c)],
      ['local.set', element],
      ...columns.flatMap((column, v) => accumulate(element, column, sums[i * vectors + v] as number, relaxed)),
    ]).flat(),
  ];
  const columnsFrom = (offset: number): readonly Instruction[] => [
    ...sums.flatMap((local): readonly Instruction[] => [
      ['v128.const', 0n, 0n],
      ['local.set', local],
    ]),
    ['local.get', x],
    ['local.set', xAt],
    ['local.get', y],
    ['i32.const', offset],
    ['i32.add'],
    ['local.set', yAt],
    ['loop'],
    ...Array.from({ length: unrolled }, (_, c) => step(c)).flat(),
    ['local.get', yAt],
    ['i32.const', chunkBytes * unrolled],
    ['i32.add'],
    ['local.set', yAt],
    ['local.get', xAt],
    ['i32.const', 8 * unrolled],
    ['i32.add'],
    ['local.tee', xAt],
    ['local.get', x],
    ['i32.const', 8 * depth],
    ['i32.add'],
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
    ...sums.flatMap((local, at): readonly Instruction[] => [
      ['i32.const', 0],
      ['local.get', local],
      ['v128.store', chunkBytes * Math.floor(at / vectors) + 16 * (at % vectors) + offset],
    ]),
  ];
  const code = Array.from({ length: chains / vectors }, (_, part) => columnsFrom(16 * vectors * part)).flat();
  for (const local of [...sums, ...columns, element]) locals.free(local);
  return code;
}

const accumulate = (a: number, b: number, sum: number, relaxed: boolean): readonly Instruction[] =>
  relaxed
    ? [['local.get', a], ['local.get', b], ['local.get', sum], ['f64x2.relaxed_madd'], ['local.set', sum]]
    : [['local.get', sum], ['local.get', a], ['local.get', b], ['f64x2.mul'], ['f64x2.add'], ['local.set', sum]];
