/** Whole matrices of a spatial kernel on all threads: the calling thread takes tiles like the others, and lets events in. */
import type { MatrixRequest, Prepared } from '../../../kernel.ts';
import type { Span } from '../engine.ts';
import { controlLength, stop, tilesOf } from '../tiles.ts';
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

export interface FilledMatrix {
  /** Row-major, the span's entries, in shared memory where several threads wrote it. */
  readonly data: Float64Array;
  readonly span: Span;
  /** Tiles that hold a NaN or an infinity. */
  readonly poisoned: readonly Span[];
}

export async function fillMatrix(
  kernel: SpatialKernel,
  request: MatrixRequest,
  weights: readonly number[],
): Promise<FilledMatrix> {
  const [a, b] = [request.a as SpatialPrepared, request.b as SpatialPrepared];
  const { symmetric, output, into } = request;
  const [i0, i1] = request.rows;
  const [j0, j1] = request.columns ?? [symmetric ? i0 : 0, b.n];
  const span = { i0, i1, j0, j1 };
  const entries = (i1 - i0) * (j1 - j0);
  const { schedule, engine } = kernel;
  const worth = Math.floor((entries * schedule.cellsOfPair) / cellsPerThread);
  const threads = Math.max(1, Math.min(kernel.threads, entries, worth));
  const tileRows = tileRowsFor(symmetric ? entries / 2 : entries, threads, engine.slots, schedule.cellsOfPair);
  const bytes = threads > 1 ? sharedBytes : ownBytes;
  const isReused = into !== undefined && into.byteLength >= 8 * entries && into instanceof ArrayBuffer === threads < 2;
  const tiles = tilesOf({ span, tileRows }, symmetric);
  const job: SpatialJob = {
    a: sideOf(a),
    b: sideOf(b),
    symmetric,
    weights,
    output,
    span,
    tileRows,
    out: new Float64Array(isReused ? into : bytes(8 * entries), 0, entries),
    control: new Int32Array(bytes(4 * controlLength)),
    poisoned: new Uint8Array(bytes(tiles.length)),
  };
  await runJob(kernel, job, threads, request);
  return { data: job.out, span, poisoned: tiles.filter((_, at) => job.poisoned[at] === 1) };
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

export const sharedBytes = (length: number): ArrayBufferLike => new SharedArrayBuffer(length);
const ownBytes = (length: number): ArrayBufferLike => new ArrayBuffer(length);

async function runJob(
  kernel: SpatialKernel,
  job: SpatialJob,
  threads: number,
  { signal, onProgress }: MatrixRequest,
): Promise<void> {
  const others = sendJob(kernel, job, threads - 1, () => stop(job));
  others.catch(() => {}); // heard of at the end
  let breathed = performance.now();
  try {
    for (const done of takeTiles(kernel.engine, job)) {
      signal?.throwIfAborted();
      onProgress?.(done);
      if (performance.now() - breathed < 50) continue;
      await new Promise((resolve) => setImmediate(resolve));
      breathed = performance.now();
    }
  } catch (error) {
    stop(job);
    await others.catch(() => {});
    throw error;
  }
  await others;
  signal?.throwIfAborted();
}
