/** Series of two samples' coefficients at the cells of a pass. */
import type { Instruction } from '../assembler/index.ts';
import { elements } from '../element.ts';
import type { Locals } from '../locals.ts';
import { skippedTerms } from '../series.ts';
import { cleared, move, repeated } from './loops.ts';
import { laneChunk } from './pointers.ts';

/**
 * A table of coefficients holds blocks of 8 positions along the last axis, [p lane], row-major over the leading axes: what a
 * chunk of lanes reads of x' lies together, and x, at one position for all lanes, strides through one block.
 */
export interface SeriesLoop {
  readonly locals: Locals;
  readonly relaxed: boolean;
  /** Leaves the number of coefficients on the stack. */
  readonly degree: readonly Instruction[];
  readonly tables: readonly [x: SeriesTable, y: SeriesTable];
  /** x is at one position for all lanes: the local that counts it along the last axis. */
  readonly xLane: number | undefined;
  /** Where the table of terms is. */
  readonly terms: number;
  /** The last vector has one lane of its own only. */
  readonly isOdd: boolean;
  readonly rho: readonly number[];
  readonly into: readonly number[];
}

export interface SeriesTable {
  /** Leave its address, and the bytes of its blocks, on the stack. */
  readonly address: readonly Instruction[];
  readonly blockBytes: readonly Instruction[];
  /** The local that counts blocks. */
  readonly block: number;
}

const positionBytes = 8 * laneChunk;

/** into[vector] = Σ_p a_p a'_p ρ^p by Horner's rule, from the highest power that the largest |ρ| needs. */
export function seriesLoop(series: SeriesLoop): readonly Instruction[] {
  const { locals, relaxed, degree, tables, xLane, terms, isOdd, rho, into } = series;
  const [xAt, yAt, skip] = [
    locals.named('xSeries', 'i32'),
    locals.named('ySeries', 'i32'),
    locals.named('skip', 'i32'),
  ];
  const [all, count] = [locals.named('degree', 'i32'), locals.named('terms', 'i32')];
  const [largest, lastRho] = [locals.take(), locals.take()];
  const own = isOdd ? [...rho.slice(0, -1), lastRho] : rho;
  const body: readonly Instruction[] = [
    ...(isOdd ? firstLane(rho.at(-1) as number, lastRho) : []),
    ...cleared(into),
    [';;', 'powers that the largest |rho| needs'],
    ...degree,
    ['local.set', all],
    ...skippedTerms(own, { largest, table: terms, degree: ['local.get', all], skip, element: elements.float64 }),
    ['local.get', all],
    ['local.get', skip],
    ['i32.sub'],
    ['local.set', count],
    ...tableAt(xAt, tables[0], xLane, count),
    ...tableAt(yAt, tables[1], undefined, count),
    [';;', "sum = sum*rho + a*a', from the highest power"],
    ...repeated(
      locals.named('power', 'i32'),
      ['local.get', count],
      [
        ...term({ relaxed, xAt, yAt, isSplat: xLane !== undefined, rho, into, held: [largest, lastRho] }),
        ...move(xAt, ['i32.const', -positionBytes]),
        ...move(yAt, ['i32.const', -positionBytes]),
      ],
    ),
  ];
  locals.free(largest);
  locals.free(lastRho);
  return body;
}

/** Its first lane, and 0 beside. */
const firstLane = (from: number, to: number): readonly Instruction[] => [
  ['local.get', from],
  ['v128.const', 0xffffffffffffffffn, 0n],
  ['v128.and'],
  ['local.set', to],
];

/** The address of the highest of `count` coefficients: of a block's positions, or of one of them. */
const tableAt = (
  to: number,
  { address, blockBytes, block }: SeriesTable,
  lane: number | undefined,
  count: number,
): readonly Instruction[] => [
  ...address,
  ['local.get', block],
  ...(lane === undefined ? [] : blockOf(lane)),
  ...blockBytes,
  ['i32.mul'],
  ['i32.add'],
  ...(lane === undefined ? [] : placeInBlock(lane)),
  ['local.get', count],
  ['i32.const', positionBytes],
  ['i32.mul'],
  ['i32.add'],
  ['i32.const', positionBytes],
  ['i32.sub'],
  ['local.set', to],
];

const blockOf = (lane: number): readonly Instruction[] => [
  ['local.get', lane],
  ['i32.const', Math.log2(laneChunk)],
  ['i32.shr_s'],
  ['i32.add'],
];

const placeInBlock = (lane: number): readonly Instruction[] => [
  ['local.get', lane],
  ['i32.const', laneChunk - 1],
  ['i32.and'],
  ['i32.const', 3],
  ['i32.shl'],
  ['i32.add'],
];

interface Term {
  readonly relaxed: boolean;
  readonly xAt: number;
  readonly yAt: number;
  readonly isSplat: boolean;
  readonly rho: readonly number[];
  readonly into: readonly number[];
  /** Locals that may be written over. */
  readonly held: readonly [x: number, product: number];
}

function term({ relaxed, xAt, yAt, isSplat, rho, into, held: [x, product] }: Term): readonly Instruction[] {
  const xOf = (vector: number): readonly Instruction[] =>
    isSplat
      ? [['local.get', x]]
      : [
          ['local.get', xAt],
          ['v128.load', 16 * vector],
        ];
  return [
    ...(isSplat
      ? ([
          ['local.get', xAt],
          ['v128.load64_splat', 0],
          ['local.set', x],
        ] as const)
      : []),
    ...into.flatMap((sum, vector): readonly Instruction[] => [
      ...xOf(vector),
      ['local.get', yAt],
      ['v128.load', 16 * vector],
      ['f64x2.mul'],
      ['local.set', product],
      ['local.get', sum],
      ['local.get', rho[vector] as number],
      ...(relaxed
        ? ([['local.get', product], ['f64x2.relaxed_madd']] as const)
        : ([['f64x2.mul'], ['local.get', product], ['f64x2.add']] as const)),
      ['local.set', sum],
    ]),
  ];
}
