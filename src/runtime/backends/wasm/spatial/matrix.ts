/** Whole matrices of a spatial kernel on all threads. */
import type { MatrixRequest, Prepared } from '../../../kernel.ts';
import { type FilledMatrix, filledMatrix, spanOf, tiledJob } from '../tiledMatrix.ts';
import { entriesOf, stop } from '../tiles.ts';
import type { SpatialEngine } from './engine.ts';
import { type Side, type SpatialJob, takeTiles } from './job.ts';
import { sendJob, type ThreadedKernel } from './pool.ts';

export interface SpatialKernel extends ThreadedKernel {
  readonly engine: SpatialEngine;
  /** Threads, this one among them. */
  readonly threads: number;
}

export interface SpatialPrepared extends Prepared, Side {}

/** Cells below which starting another thread costs more than it saves. */
const cellsPerThread = 200_000;
const mostTileRows = 64;
/** Cells of a row of a tile, some tenths of a second: nothing is asked for in between. */
const mostRowCells = 4e7;
/** Tiles that each thread should have, so that the last ones end together. */
const tilesPerThread = 16;

export function fillMatrix(
  kernel: SpatialKernel,
  request: MatrixRequest,
  weights: readonly number[],
): Promise<FilledMatrix> {
  const [a, b] = [request.a as SpatialPrepared, request.b as SpatialPrepared];
  const { symmetric } = request;
  const span = spanOf(request);
  const entries = entriesOf(span);
  const { schedule, engine } = kernel;
  const worth = Math.floor((entries * schedule.cellsOfPair) / cellsPerThread);
  const threads = Math.max(1, Math.min(kernel.threads, entries, worth));
  const tileRows = tileRowsFor(symmetric ? entries / 2 : entries, threads, engine.slots, schedule.cellsOfPair);
  const tiled = tiledJob(request, span, tileRows, threads, 'float64');
  const job: SpatialJob = { ...tiled, a: sideOf(a), b: sideOf(b), symmetric, weights };
  const others = sendJob(kernel, job, threads - 1, () => stop(job));
  return filledMatrix(job, takeTiles(engine, job), others, request);
}

const sideOf = ({ id, data, pattern, present }: SpatialPrepared): Side => ({
  id,
  data,
  ...(pattern && { pattern }),
  ...(present && { present }),
});

/** Small enough for every thread to have some, for the records of its rows and columns to fit, and for a row to end soon. */
const tileRowsFor = (pairs: number, threads: number, slots: number, cells: number): number => {
  const even = Math.floor(Math.sqrt(pairs / (threads * tilesPerThread)));
  return Math.max(1, Math.min(even, mostTileRows, Math.floor(slots / 2), Math.floor(mostRowCells / cells)));
};
