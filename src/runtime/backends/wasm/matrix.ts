/** Whole matrices on all threads. */
import type { TilePlan } from '../../../codegen/plan/index.ts';
import type { DType, MatrixRequest } from '../../kernel.ts';
import type { TileEngine } from './engine.ts';
import { takeTiles } from './job.ts';
import { panelsOf, type WasmPrepared } from './panels.ts';
import { sendJob, type ThreadedKernel } from './pool.ts';
import { type FilledMatrix, filledMatrix, spanOf, tiledJob } from './tiledMatrix.ts';
import { entriesOf } from './tiles.ts';

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

export function fillMatrix<D extends DType>(
  kernel: MatrixKernel,
  request: MatrixRequest,
  dtype: D,
): Promise<FilledMatrix<D>> {
  const [a, b] = [request.a as WasmPrepared, request.b as WasmPrepared];
  const span = spanOf(request);
  const threads = Math.min(kernel.threads, Math.max(1, Math.floor(entriesOf(span) / entriesPerThread)));
  const panels = panelsOf(kernel.plan, kernel.shape, a, b, request.symmetric);
  const job = { ...tiledJob(request, span, tileRows, threads, dtype), panels };
  const others = Promise.all(sendJob(kernel, job, threads - 1));
  return filledMatrix(job, takeTiles(kernel.engine, job), others, request);
}
