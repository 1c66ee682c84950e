import type { Instruction } from './assembler/index.ts';
import { type Element, floatOp } from './element.ts';
import type { Locals } from './locals.ts';
import { chains, chunkBytes, rowGroup, unrolled } from './shape.ts';

interface InnerProducts {
  readonly locals: Locals;
  readonly relaxed: boolean;
  readonly element: Element;
  /** Padded features, a whole number of 4. */
  readonly depth: number;
  /** Locals with the addresses of 4 rows [4][depth] and of a chunk of columns [depth][chunk]. */
  readonly x: number;
  readonly y: number;
}

/** Vectors of columns at a time: 4 rows · 2 vectors are 8 sums, which with 3 operands fit in 16 registers. */
const vectors = 2;

/** Features whose products float32 adds up before the sum joins that of the features before: rounding then grows with their root. */
const blockFeatures = 128;

/** s[i][j] = Σ_c x[i][c]·y[c][j] into the scratch at address 0, [4][chunk], each sum in the order of c. */
export function innerProducts({ locals, relaxed, element, depth, x, y }: InnerProducts): readonly Instruction[] {
  const [xAt, yAt, end] = [locals.named('xc', 'i32'), locals.named('yc', 'i32'), locals.named('xcEnd', 'i32')];
  const blocked = element.bytes === 4 && depth > blockFeatures;
  const sums = Array.from({ length: rowGroup * vectors }, locals.take);
  const columns = Array.from({ length: vectors }, locals.take);
  const number = locals.take();
  const step = (c: number): readonly Instruction[] => [
    ...columns.flatMap((local, v): readonly Instruction[] => [
      ['local.get', yAt],
      ['v128.load', chunkBytes * c + 16 * v],
      ['local.set', local],
    ]),
    ...Array.from({ length: rowGroup }, (_, i): readonly Instruction[] => [
      ['local.get', xAt],
      [element.splat, element.bytes * (depth * i + c)],
      ['local.set', number],
      ...columns.flatMap((column, v) => accumulate(number, column, sums[i * vectors + v] as number, relaxed, element)),
    ]).flat(),
  ];
  const place = (at: number) => chunkBytes * Math.floor(at / vectors) + 16 * (at % vectors);
  const zero: readonly Instruction[] = sums.flatMap((local): readonly Instruction[] => [
    ['v128.const', 0n, 0n],
    ['local.set', local],
  ]);
  /** Features up to the end that the instruction leaves on the stack. */
  const features = (until: readonly Instruction[]): readonly Instruction[] => [
    ['loop'],
    ...Array.from({ length: unrolled }, (_, c) => step(c)).flat(),
    ['local.get', yAt],
    ['i32.const', chunkBytes * unrolled],
    ['i32.add'],
    ['local.set', yAt],
    ['local.get', xAt],
    ['i32.const', element.bytes * unrolled],
    ['i32.add'],
    ['local.tee', xAt],
    ...until,
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
  ];
  const lastFeature: readonly Instruction[] = [['local.get', x], ['i32.const', element.bytes * depth], ['i32.add']];
  const store = (offset: number, before: (address: number) => readonly Instruction[]): readonly Instruction[] =>
    sums.flatMap((local, at): readonly Instruction[] => [
      ['i32.const', 0],
      ['local.get', local],
      ...before(place(at) + offset),
      ['v128.store', place(at) + offset],
    ]);
  /** The scratch begins at zero; each block adds to it. */
  const blocks = (offset: number): readonly Instruction[] => [
    ...zero,
    ...store(offset, () => []),
    ['loop'],
    ...zero,
    ['local.get', xAt],
    ['i32.const', element.bytes * blockFeatures],
    ['i32.add'],
    ['local.tee', end],
    ...lastFeature,
    ['local.get', end],
    ...lastFeature,
    ['i32.lt_s'],
    ['select'],
    ['local.set', end],
    ...features([['local.get', end]]),
    ...store(offset, (address) => [['i32.const', 0], ['v128.load', address], [floatOp(element, 'add')]]),
    ['local.get', xAt],
    ...lastFeature,
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
  ];
  const columnsFrom = (offset: number): readonly Instruction[] => [
    ['local.get', x],
    ['local.set', xAt],
    ['local.get', y],
    ['i32.const', offset],
    ['i32.add'],
    ['local.set', yAt],
    ...(blocked ? blocks(offset) : [...zero, ...features(lastFeature), ...store(offset, () => [])]),
  ];
  const code = Array.from({ length: chains / vectors }, (_, part) => columnsFrom(16 * vectors * part)).flat();
  for (const local of [...sums, ...columns, number]) locals.free(local);
  return code;
}

const accumulate = (a: number, b: number, sum: number, relaxed: boolean, element: Element): readonly Instruction[] =>
  relaxed
    ? [['local.get', a], ['local.get', b], ['local.get', sum], [floatOp(element, 'relaxed_madd')], ['local.set', sum]]
    : [
        ['local.get', sum],
        ['local.get', a],
        ['local.get', b],
        [floatOp(element, 'mul')],
        [floatOp(element, 'add')],
        ['local.set', sum],
      ];
