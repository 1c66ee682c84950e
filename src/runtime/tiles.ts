/** Tiles of a Gram matrix, or of a part of it. */
import { NtkcError } from '../errors.ts';
import type { Block } from './block.ts';
import type { CompiledKernel, Tile } from './kernel.ts';
import { nonFinite } from './nonFinite.ts';

/** A part of the matrix in tiles of at most `size` rows and columns; of a symmetric one those from the diagonal on. */
export function* tiles({ a, aRows: [i0, i1], b, bRows: [j0, j1], symmetric }: Tile, size: number): Generator<Tile> {
  for (let i = i0; i < i1; i += size)
    for (let j = symmetric ? Math.max(i, j0) : j0; j < j1; j += size)
      yield { a, aRows: [i, Math.min(i + size, i1)], b, bRows: [j, Math.min(j + size, j1)], symmetric };
}

/** One output of a tile. @throws NtkcError where it is NaN or infinite */
export async function oneTile(kernel: CompiledKernel, tile: Tile, output: number): Promise<Block> {
  const data = (await kernel.tile(tile))[output] as Float64Array;
  checkFinite(data, tile, kernel);
  return { rows: tile.aRows, columns: tile.bRows, data };
}

function checkFinite(data: Float64Array, { aRows, bRows }: Tile, kernel: CompiledKernel): void {
  const at = data.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const width = bRows[1] - bRows[0];
  throw nonFinite(data[at], aRows[0] + Math.floor(at / width), bRows[0] + (at % width), kernel.target);
}

/** Rows and columns so that a tile of one output, its transpose and the outputs beside it fit the limit. */
export function tileRowsFor(limitBytes: number, { program, tileRows = 512 }: CompiledKernel): number {
  const rows = Math.floor(Math.sqrt(limitBytes / (8 * (program.outputs.length + 2))));
  return rows < 1 ? refuseLimit() : Math.min(512, tileRows, rows);
}

export function refuseLimit(): never {
  throw new NtkcError({ what: 'the memory limit holds no tile', expected: 'at least 1 MB' });
}

/** Called between tiles: lets Ctrl-C and progress bars in every 50 ms. @throws the signal's reason once it is aborted */
export function breather(signal: AbortSignal | undefined): () => Promise<void> {
  let breathed = performance.now();
  return async () => {
    if (performance.now() - breathed > 50) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      breathed = performance.now();
    }
    signal?.throwIfAborted();
  };
}
