/** A rectangle of a Gram matrix as tiles that any number of threads take from one counter. */
import type { Panels, RunResult, Span, TileEngine } from './engine.ts';

export interface Job {
  readonly panels: Panels;
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
export function tilesOf({ span, tileRows, panels }: Pick<Job, 'span' | 'tileRows' | 'panels'>): readonly Span[] {
  const tiles: Span[] = [];
  for (let i0 = span.i0; i0 < span.i1; i0 += tileRows)
    for (let j0 = span.j0; j0 < span.j1; j0 += tileRows) {
      const tile = { i0, i1: Math.min(i0 + tileRows, span.i1), j0, j1: Math.min(j0 + tileRows, span.j1) };
      if (!panels.symmetric || tile.j1 > tile.i0) tiles.push(tile);
    }
  return tiles;
}

/** Takes tiles until none is left or the job is stopped; yields after each. */
export function* takeTiles(engine: TileEngine, job: Job): Generator<number> {
  const tiles = tilesOf(job);
  for (;;) {
    const at = Atomics.add(job.control, next, 1);
    const tile = tiles[at];
    if (tile === undefined || Atomics.load(job.control, stopped) !== 0) return;
    engine.run(job.panels, tile, (result) => {
      if (result.poisoned) job.poisoned[at] = 1;
      write(result, tile, job);
    });
    yield Math.min(at + 1, tiles.length) / tiles.length;
  }
}

export function stop({ control }: Job): void {
  Atomics.store(control, stopped, 1);
}

function write({ data, stride, size, ...block }: RunResult, tile: Span, job: Job): void {
  const { out, span, panels } = job;
  const width = span.j1 - span.j0;
  const base = job.output * size;
  const i0 = Math.max(block.i0, tile.i0);
  for (let i = i0; i < block.i1; i++) {
    const from = Math.min(Math.max(block.j0, tile.j0, panels.symmetric ? i : 0), block.j1);
    const row = base + (i - block.i0) * stride - block.j0;
    out.set(data.subarray(row + from, row + block.j1), (i - span.i0) * width + from - span.j0);
  }
  if (panels.symmetric)
    writeMirrored(data, base, stride, { ...block, i0, j0: Math.max(block.j0, tile.j0) }, block, job);
}

/** Columns of the block as rows of the matrix, where it has them, 8 x 8 at a time so that both sides stay in the cache. */
function writeMirrored(
  data: Float64Array,
  base: number,
  stride: number,
  { i0, i1, j0, j1 }: Span,
  origin: Span,
  { out, span }: Job,
): void {
  const step = 8;
  const width = span.j1 - span.j0;
  const last = Math.min(j1, span.i1);
  for (let j = j0; j < last; j += step)
    for (let i = i0; i < Math.min(i1, j + step); i += step)
      for (let jj = j; jj < Math.min(j + step, last); jj++) {
        const to = (jj - span.i0) * width - span.j0;
        const end = Math.min(i + step, i1, jj);
        let from = base + (i - origin.i0) * stride + jj - origin.j0;
        for (let ii = i; ii < end; ii++) {
          out[to + ii] = data[from] as number;
          from += stride;
        }
      }
}
