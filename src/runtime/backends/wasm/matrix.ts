/** Whole matrices on all threads: the calling thread takes tiles like the others, and lets events in between. */

import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { MatrixRequest } from '../../kernel.ts';
import type { Span, TileEngine } from './engine.ts';
import { controlLength, type Job, stop, takeTiles, tilesOf } from './job.ts';
import { panelsOf, type WasmPrepared } from './panels.ts';
import { sendJob, type ThreadedKernel } from './pool.ts';

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
  /** Row-major [n m], in shared memory where several threads wrote it. */
  readonly data: Float64Array;
  /** Tiles that hold a NaN or an infinity. */
  readonly poisoned: readonly Span[];
}

export async function fillMatrix(kernel: MatrixKernel, request: MatrixRequest): Promise<FilledMatrix> {
  const [a, b] = [request.a as WasmPrepared, request.b as WasmPrepared];
  const { symmetric } = request;
  const threads = Math.min(
    kernel.threads,
    Math.max(1, Math.floor((a.n * b.n) / (symmetric ? 2 : 1) / entriesPerThread)),
  );
  const bytes = threads > 1 ? sharedBytes : ownBytes;
  const job: Job = {
    panels: panelsOf(kernel.plan, kernel.shape, a, b, symmetric),
    output: request.output,
    span: { i0: 0, i1: a.n, j0: 0, j1: b.n },
    out: new Float64Array(bytes(8 * a.n * b.n)),
    tileRows,
    mirror: symmetric,
    control: new Int32Array(bytes(4 * controlLength)),
    poisoned: new Uint8Array(bytes(Math.ceil(a.n / tileRows) * Math.ceil(b.n / tileRows))),
  };
  await runJob(kernel, job, threads, request);
  const poisoned = tilesOf(job).filter((_, at) => job.poisoned[at] === 1);
  return { data: job.out, poisoned };
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
