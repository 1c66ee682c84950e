/** Whole matrices on all threads: the calling thread takes tiles like the others, and lets events in between. */

import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { MatrixRequest } from '../../kernel.ts';
import type { Span, TileEngine } from './engine.ts';
import { type Job, takeTiles } from './job.ts';
import { panelsOf, type WasmPrepared } from './panels.ts';
import { sendJob, type ThreadedKernel } from './pool.ts';
import { controlLength, stop, tilesOf } from './tiles.ts';

export interface MatrixKernel extends ThreadedKernel {
  readonly plan: TilePlan;
  readonly engine: TileEngine;
  /** Threads, this one among them. */
  readonly threads: number;
}

/** Entries below which starting another thread costs more than it saves. */
const entriesPerThread = 100_000;
/** Rows of a tile: small enough that the last ones end together, at most 4 MB with the inputs. */
const tileRows = 256;

export interface FilledMatrix {
  /** Row-major, the span's entries, in shared memory where several threads wrote it. */
  readonly data: Float64Array;
  readonly span: Span;
  /** Tiles that hold a NaN or an infinity. */
  readonly poisoned: readonly Span[];
}

export async function fillMatrix(kernel: MatrixKernel, request: MatrixRequest): Promise<FilledMatrix> {
  const [a, b] = [request.a as WasmPrepared, request.b as WasmPrepared];
  const { symmetric, output } = request;
  const [i0, i1] = request.rows;
  const [j0, j1] = request.columns ?? [symmetric ? i0 : 0, b.n];
  const span = { i0, i1, j0, j1 };
  const panels = panelsOf(kernel.plan, kernel.shape, a, b, symmetric);
  const entries = (i1 - i0) * (j1 - j0);
  const threads = Math.min(kernel.threads, Math.max(1, Math.floor(entries / entriesPerThread)));
  const bytes = threads > 1 ? sharedBytes : ownBytes;
  const { into } = request;
  const isReused = into !== undefined && into.byteLength >= 8 * entries && into instanceof ArrayBuffer === threads < 2;
  const tiles = tilesOf({ span, tileRows }, symmetric);
  const job: Job = {
    panels,
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

const sharedBytes = (length: number): ArrayBufferLike => new SharedArrayBuffer(length);
const ownBytes = (length: number): ArrayBufferLike => new ArrayBuffer(length);

async function runJob(
  kernel: MatrixKernel,
  job: Job,
  threads: number,
  { signal, onProgress }: MatrixRequest,
): Promise<void> {
  const others = Promise.all(sendJob(kernel, job, threads - 1));
  // A thread that fails is heard of at the end; until then the promise must not count as unhandled.
  others.catch(() => stop(job));
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
