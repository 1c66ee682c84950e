/** A matrix that threads fill tile by tile: its memory, and the calling thread's part. */
import type { DType, MatrixRequest } from '../../kernel.ts';
import { bytesOf, type NumberArrays } from '../../numbers.ts';
import type { Span } from './engine.ts';
import { countShared } from './garbage.ts';
import { controlLength, entriesOf, numbersOf, stop, type TiledJob, tilesOf } from './tiles.ts';

export interface FilledMatrix<D extends DType = 'float64'> {
  /** Row-major, the span's entries, in shared memory where several threads wrote it. */
  readonly data: NumberArrays[D];
  readonly span: Span;
  /** Tiles that hold a NaN or an infinity. */
  readonly poisoned: readonly Span[];
}

export function spanOf({ symmetric, rows, columns, b }: MatrixRequest): Span {
  const [i0, i1] = rows;
  const [j0, j1] = columns ?? [symmetric ? i0 : 0, b.n];
  return { i0, i1, j0, j1 };
}

export function sharedBytes(length: number): ArrayBufferLike {
  countShared(length);
  return new SharedArrayBuffer(length);
}
const ownBytes = (length: number): ArrayBufferLike => new ArrayBuffer(length);

export function tiledJob<D extends DType>(
  { symmetric, output, into }: MatrixRequest,
  span: Span,
  tileRows: number,
  threads: number,
  dtype: D,
): TiledJob<D> {
  const size = bytesOf(dtype) * entriesOf(span);
  const bytes = threads > 1 ? sharedBytes : ownBytes;
  const isReused = into !== undefined && into.byteLength >= size && into instanceof ArrayBuffer === threads < 2;
  return {
    output,
    span,
    tileRows,
    bytes: isReused ? into : bytes(size),
    dtype,
    control: new Int32Array(bytes(4 * controlLength)),
    poisoned: new Uint8Array(bytes(tilesOf({ span, tileRows }, symmetric).length)),
  };
}

/**
 * Takes tiles like the other threads, and lets events in between. The last report of progress is the whole, whoever had the
 * last tile.
 * @param tiles what this thread takes, as it goes on: the part that is done
 * @param others settles when no other thread has a tile left, or one has failed
 */
export async function filledMatrix<D extends DType>(
  job: TiledJob<D>,
  tiles: Iterable<number>,
  others: Promise<unknown>,
  { symmetric, signal, onProgress }: MatrixRequest,
): Promise<FilledMatrix<D>> {
  // A thread that fails is heard of at the end; until then the promise must not count as unhandled.
  others.catch(() => stop(job));
  let breathed = performance.now();
  let reported = 0;
  try {
    for (const done of tiles) {
      signal?.throwIfAborted();
      onProgress?.(done);
      reported = done;
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
  if (reported < 1) onProgress?.(1);
  return {
    data: numbersOf(job),
    span: job.span,
    poisoned: tilesOf(job, symmetric).filter((_, at) => job.poisoned[at] === 1),
  };
}
