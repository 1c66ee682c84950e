import type { Instruction } from './assembler/index.ts';
import { type Element, floatOp, upperHalf } from './element.ts';
import type { Locals } from './locals.ts';
import { chunkBytes } from './shape.ts';

interface SeriesLoop {
  readonly locals: Locals;
  readonly relaxed: boolean;
  readonly element: Element;
  /** Which series: names the parameters xs, ys and degree. */
  readonly index: number;
  /** Locals: the first row of the group, chunkBytes · the row within it, the chunk. */
  readonly row: number;
  readonly k: number;
  /** Rows after that one, and the first vector of the chunk. */
  readonly rowsAfter: number;
  readonly firstChain: number;
  readonly chunk: number;
  /** Address of the table of terms. */
  readonly table: number;
  readonly rho: readonly number[];
  readonly into: readonly number[];
}

/** Correlations that the table of terms tells apart. */
const steps = 64;

/** Bytes of a table of terms. */
export const termsTableBytes = 4 * (steps + 1);

/**
 * How many terms a series needs for |ρ| in [i, i+1)/64: as many as leave |ρ|^n below a tenth of its tolerance.
 * @derived the rest is at most |ρ|^n √(E φ(u)² E φ(v)²), by Cauchy–Schwarz
 */
export const termsTable = (tolerance: number): Int32Array =>
  Int32Array.from({ length: steps + 1 }, (_, i) =>
    i + 1 < steps ? Math.ceil(Math.log(tolerance / 10) / Math.log((i + 1) / steps)) : 2 ** 30,
  );

/** Σ_p a_p a'_p ρ^p by Horner's rule from the highest power that the largest |ρ| needs, all chains at each power. */
export function seriesLoop({
  locals,
  relaxed,
  element,
  index,
  row,
  k,
  rowsAfter,
  firstChain,
  chunk,
  table,
  rho,
  into,
}: SeriesLoop): readonly Instruction[] {
  const parameter = (name: string): Instruction => ['local.get', locals.parameter(`${name}${index}`)];
  const [xAt, yAt, end] = [locals.named('xp', 'i32'), locals.named('yp', 'i32'), locals.named('xpEnd', 'i32')];
  const skip = locals.named('skip', 'i32');
  const [ax, product] = [locals.take(), locals.take()];
  locals.free(ax);
  locals.free(product);
  return [
    ...into.flatMap((local): readonly Instruction[] => [
      ['v128.const', 0n, 0n],
      ['local.set', local],
    ]),
    [';;', 'highest powers that the largest |rho| does not need'],
    ...skippedTerms(rho, { largest: ax, table, degree: parameter('degree'), skip, element }),
    [';;', `its coefficients from there on: xs${index} of the row, ys${index} of the chunk`],
    // xs + (row + k/chunkBytes + rowsAfter)·bytes·degree
    parameter('xs'),
    ['local.get', row],
    ['local.get', k],
    ['i32.const', Math.log2(chunkBytes)],
    ['i32.shr_s'],
    ['i32.add'],
    ...(rowsAfter === 0 ? [] : ([['i32.const', rowsAfter], ['i32.add']] as const)),
    parameter('degree'),
    ['i32.mul'],
    ['i32.const', Math.log2(element.bytes)],
    ['i32.shl'],
    ['i32.add'],
    ['local.tee', end],
    ['local.get', skip],
    ['i32.const', Math.log2(element.bytes)],
    ['i32.shl'],
    ['i32.add'],
    ['local.set', xAt],
    ['local.get', end],
    parameter('degree'),
    ['i32.const', Math.log2(element.bytes)],
    ['i32.shl'],
    ['i32.add'],
    ['local.set', end],
    parameter('ys'),
    ['local.get', chunk],
    parameter('degree'),
    ['i32.mul'],
    ['local.get', skip],
    ['i32.add'],
    ['i32.const', Math.log2(chunkBytes)],
    ['i32.shl'],
    ['i32.add'],
    ['local.set', yAt],
    [';;', "sum = sum*rho + a*a', from the highest power"],
    ['loop'],
    ['local.get', xAt],
    [element.splat, 0],
    ['local.set', ax],
    ...into.flatMap((sum, chain): readonly Instruction[] => [
      ['local.get', ax],
      ['local.get', yAt],
      ['v128.load', 16 * (firstChain + chain)],
      [floatOp(element, 'mul')],
      ['local.set', product],
      ...(relaxed
        ? ([
            ['local.get', sum],
            ['local.get', rho[chain] as number],
            ['local.get', product],
            [floatOp(element, 'relaxed_madd')],
          ] as const)
        : ([
            ['local.get', sum],
            ['local.get', rho[chain] as number],
            [floatOp(element, 'mul')],
            ['local.get', product],
            [floatOp(element, 'add')],
          ] as const)),
      ['local.set', sum],
    ]),
    ['local.get', yAt],
    ['i32.const', chunkBytes],
    ['i32.add'],
    ['local.set', yAt],
    ['local.get', xAt],
    ['i32.const', element.bytes],
    ['i32.add'],
    ['local.tee', xAt],
    ['local.get', end],
    ['i32.lt_s'],
    ['br_if', 0],
    ['end'],
  ];
}

interface Skipped {
  /** A v128 local that may be written over. */
  readonly largest: number;
  readonly table: number;
  readonly degree: Instruction;
  readonly skip: number;
  readonly element: Element;
}

/** skip = degree − (terms that the largest |ρ| needs), at least 0. A ρ that is NaN does not count. */
export function skippedTerms(
  rho: readonly number[],
  { largest, table, degree, skip, element }: Skipped,
): readonly Instruction[] {
  return [
    ['v128.const', 0n, 0n],
    ['local.set', largest],
    ...rho.flatMap((local): readonly Instruction[] => [
      ['local.get', largest],
      ['local.get', local],
      [floatOp(element, 'abs')],
      [floatOp(element, 'pmax')],
      ['local.set', largest],
    ]),
    degree,
    ...largestPlace(largest, element),
    ['f64.const', steps],
    ['f64.mul'],
    ['i32.trunc_sat_f64_s'],
    ['i32.const', 2],
    ['i32.shl'],
    ['i32.load', table],
    ['i32.sub'],
    ['local.tee', skip],
    ['i32.const', 0],
    ['local.get', skip],
    ['i32.const', 0],
    ['i32.gt_s'],
    ['select'],
    ['local.set', skip],
  ];
}

/** Leaves the largest number of a vector on the stack, as f64. */
const largestPlace = (vector: number, { bytes }: Element): readonly Instruction[] => [
  ['local.get', vector],
  ...(bytes === 8
    ? []
    : ([...upperHalf(vector), ['f32x4.pmax'], ['f64x2.promote_low_f32x4'], ['local.tee', vector]] as const)),
  ['f64x2.extract_lane', 0],
  ['local.get', vector],
  ['f64x2.extract_lane', 1],
  ['f64.max'],
];
