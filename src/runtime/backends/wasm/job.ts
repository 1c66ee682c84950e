/** What threads do of a matrix: tiles, written where they belong. */
import type { DType } from '../../kernel.ts';
import type { Numbers, Panels, RunResult, Span, TileEngine } from './engine.ts';
import { isStopped, numbersOf, type TiledJob, takenTile, tilesOf } from './tiles.ts';

export interface Job extends TiledJob<DType> {
  readonly panels: Panels;
}

/** Takes tiles until none is left or the job is stopped; yields after each. */
export function* takeTiles(engine: TileEngine, job: Job): Generator<number> {
  const tiles = tilesOf(job, job.panels.symmetric);
  const out = numbersOf(job);
  for (;;) {
    const at = takenTile(job);
    const tile = tiles[at];
    if (tile === undefined || isStopped(job)) return;
    engine.run(job.panels, tile, (result) => {
      if (result.poisoned) job.poisoned[at] = 1;
      write(result, tile, job, out);
    });
    yield Math.min(at + 1, tiles.length) / tiles.length;
  }
}

function write({ data, stride, size, ...block }: RunResult, tile: Span, job: Job, out: Numbers): void {
  const { span, panels } = job;
  const width = span.j1 - span.j0;
  const base = job.output * size;
  const i0 = Math.max(block.i0, tile.i0);
  for (let i = i0; i < block.i1; i++) {
    const from = Math.min(Math.max(block.j0, tile.j0, panels.symmetric ? i : 0), block.j1);
    const row = base + (i - block.i0) * stride - block.j0;
    out.set(data.subarray(row + from, row + block.j1), (i - span.i0) * width + from - span.j0);
  }
  if (panels.symmetric)
    writeMirrored(data, base, stride, { ...block, i0, j0: Math.max(block.j0, tile.j0) }, block, { span, out });
}

/** Columns of the block as rows of the matrix, where it has them, 8 x 8 at a time so that both sides stay in the cache. */
function writeMirrored(
  data: Numbers,
  base: number,
  stride: number,
  { i0, i1, j0, j1 }: Span,
  origin: Span,
  { span, out }: { readonly span: Span; readonly out: Numbers },
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
