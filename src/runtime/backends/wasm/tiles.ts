/** A rectangle of a Gram matrix as tiles that any number of threads take from one counter. */
import type { DType } from '../../kernel.ts';
import { type NumberArrays, numbersIn } from '../../numbers.ts';
import type { Span } from './engine.ts';

export interface TiledJob<D extends DType = 'float64'> {
  readonly output: number;
  readonly span: Span;
  /** Where the rectangle is written. Not as numbers: threads receive the length of these modulo 2³² bytes. */
  readonly bytes: ArrayBufferLike;
  readonly dtype: D;
  readonly tileRows: number;
  /** Next tile; whether to stop. */
  readonly control: Int32Array;
  /** 1 for each tile in which some value is NaN or infinite. */
  readonly poisoned: Uint8Array;
}

export const entriesOf = ({ i0, i1, j0, j1 }: Span): number => (i1 - i0) * (j1 - j0);

/** The rectangle: row-major, entry (i0, j0) first. */
export const numbersOf = <D extends DType>({
  bytes,
  span,
  dtype,
}: Pick<TiledJob<D>, 'bytes' | 'span' | 'dtype'>): NumberArrays[D] => numbersIn(dtype, bytes, entriesOf(span));

const next = 0;
const stopped = 1;
export const controlLength = 2;

/** Tiles row by row; of a symmetric matrix those that reach the diagonal or lie above it. */
export function tilesOf({ span, tileRows }: Pick<TiledJob, 'span' | 'tileRows'>, symmetric: boolean): readonly Span[] {
  const tiles: Span[] = [];
  for (let i0 = span.i0; i0 < span.i1; i0 += tileRows)
    for (let j0 = span.j0; j0 < span.j1; j0 += tileRows) {
      const tile = { i0, i1: Math.min(i0 + tileRows, span.i1), j0, j1: Math.min(j0 + tileRows, span.j1) };
      if (!symmetric || tile.j1 > tile.i0) tiles.push(tile);
    }
  return tiles;
}

/** The index of a tile that no other thread has, in the order of tilesOf; past its end when all are taken. */
export const takenTile = ({ control }: TiledJob<DType>): number => Atomics.add(control, next, 1);

export const isStopped = ({ control }: TiledJob<DType>): boolean => Atomics.load(control, stopped) !== 0;

export function stop({ control }: TiledJob<DType>): void {
  Atomics.store(control, stopped, 1);
}
