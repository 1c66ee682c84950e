/** What threads do of a matrix of a spatial kernel: tiles, row by row. */
import type { Span } from '../engine.ts';
import { isStopped, numbersOf, type TiledJob, takenTile, tilesOf } from '../tiles.ts';
import type { Sample, SpatialEngine } from './engine.ts';

/** Prepared inputs of one side: row-major [n, features], and what tells them from others. */
export interface Side {
  readonly id: number;
  readonly data: Float64Array;
  /** What comes with the samples, if it does: [n p p'], and [n p]. */
  readonly pattern?: Float64Array;
  readonly present?: Float64Array;
}

export interface SpatialJob extends TiledJob {
  readonly a: Side;
  readonly b: Side;
  readonly symmetric: boolean;
  readonly weights: readonly number[];
}

export const sampleOf = (side: Side, index: number): Sample => ({ ...side, key: side.id * 2 ** 32 + index, index });

/** Takes tiles until none is left or the job is stopped; yields the part that is done after each row of one. */
export function* takeTiles(engine: SpatialEngine, job: SpatialJob): Generator<number> {
  const tiles = tilesOf(job, job.symmetric);
  const out = numbersOf(job);
  for (;;) {
    const at = takenTile(job);
    const tile = tiles[at];
    if (tile === undefined) return;
    for (let i = tile.i0; i < tile.i1; i++) {
      if (isStopped(job)) return;
      engine.setWeights(job.weights); // another job may have run between
      if (!row(engine, job, tile, i, out)) job.poisoned[at] = 1;
      yield Math.min(at + 1, tiles.length) / tiles.length;
    }
  }
}

/** One row of a tile; of a symmetric matrix from the diagonal on, and its mirror image. False where some value is not finite. */
function row(engine: SpatialEngine, job: SpatialJob, { j0, j1 }: Span, i: number, out: Float64Array): boolean {
  const { a, b, symmetric, output, span } = job;
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
