/** A rectangle of a Gram matrix of a spatial kernel as tiles that any number of threads take from one counter. */
import type { Span } from '../engine.ts';
import type { Sample, SpatialEngine } from './engine.ts';

/** Prepared inputs of one side: row-major [n, features], and what tells them from others. */
export interface Side {
  readonly id: number;
  readonly data: Float64Array;
  /** What comes with the samples, if it does: [n p p'], and [n p]. */
  readonly pattern?: Float64Array;
  readonly present?: Float64Array;
}

export interface SpatialJob {
  readonly a: Side;
  readonly b: Side;
  readonly symmetric: boolean;
  readonly weights: readonly number[];
  readonly output: number;
  /** The rectangle, and where it is written: row-major, entry (i0, j0) first. */
  readonly span: Span;
  readonly out: Float64Array;
  readonly tileRows: number;
  /** Next tile; whether to stop. */
  readonly control: Int32Array;
  /** 1 for each tile in which some value is NaN or infinite. */
  readonly poisoned: Uint8Array;
}

const next = 0;
const stopped = 1;
export const controlLength = 2;

/** Tiles row by row; of a symmetric matrix those that reach the diagonal or lie above it. */
export function tilesOf({
  span,
  tileRows,
  symmetric,
}: Pick<SpatialJob, 'span' | 'tileRows' | 'symmetric'>): readonly Span[] {
  const tiles: Span[] = [];
  for (let i0 = span.i0; i0 < span.i1; i0 += tileRows)
    for (let j0 = span.j0; j0 < span.j1; j0 += tileRows) {
      const tile = { i0, i1: Math.min(i0 + tileRows, span.i1), j0, j1: Math.min(j0 + tileRows, span.j1) };
      if (!symmetric || tile.j1 > tile.i0) tiles.push(tile);
    }
  return tiles;
}

export const sampleOf = (side: Side, index: number): Sample => ({ ...side, key: side.id * 2 ** 32 + index, index });

/** Takes tiles until none is left or the job is stopped; yields the part that is done after each row of one. */
export function* takeTiles(engine: SpatialEngine, job: SpatialJob): Generator<number> {
  const tiles = tilesOf(job);
  for (;;) {
    const at = Atomics.add(job.control, next, 1);
    const tile = tiles[at];
    if (tile === undefined) return;
    for (let i = tile.i0; i < tile.i1; i++) {
      if (Atomics.load(job.control, stopped) !== 0) return;
      engine.setWeights(job.weights); // another job may have run between
      if (!row(engine, job, tile, i)) job.poisoned[at] = 1;
      yield Math.min(at + 1, tiles.length) / tiles.length;
    }
  }
}

export function stop({ control }: SpatialJob): void {
  Atomics.store(control, stopped, 1);
}

/** One row of a tile; of a symmetric matrix from the diagonal on, and its mirror image. False where some value is not finite. */
function row(engine: SpatialEngine, job: SpatialJob, { j0, j1 }: Span, i: number): boolean {
  const { a, b, symmetric, output, span, out } = job;
  const width = span.j1 - span.j0;
  const x = sampleOf(a, i);
  let isWhole = true;
  for (let j = symmetric ? Math.max(i, j0) : j0; j < j1; j++) {
    const values = symmetric && i === j ? engine.diagonal(x) : engine.pair(x, sampleOf(b, j));
    const value = values[output] as number;
    isWhole &&= Number.isFinite(value);
    out[(i - span.i0) * width + j - span.j0] = value;
    if (symmetric && j < span.i1 && i >= span.j0) out[(j - span.i0) * width + i - span.j0] = value;
  }
  return isWhole;
}
