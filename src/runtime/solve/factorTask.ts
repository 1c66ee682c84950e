/** Cholesky, one tile a task. */
import { tileBytes, tileSize } from '../../codegen/linear/index.ts';
import { isLarge } from './checks.ts';
import type { LinearEngine } from './engine.ts';
import { lowerIndex, panelsIn } from './layout.ts';
import { isStopped, type Progress, stop } from './progress.ts';
import { diagonalTile, type TiledFactor, tileAt } from './tiledFactor.ts';

export interface FactorJob extends Progress {
  readonly kind: 'factor';
  readonly factor: TiledFactor;
  /** 1 for each tile that is done. */
  readonly done: Int32Array;
  /** Diagonal of the matrix, [n]: what a pivot is measured against. */
  readonly diagonal: Float64Array;
  /** Row and value of a pivot that is lost; row −1 while there is none. */
  readonly lost: Float64Array;
}

/**
 * Tile (i, j) from start to end: it waits for the tiles left of it, which threads that came before are at.
 * @derived L_ij = (A_ij − Σ_{k<j} L_ik L_jkᵀ) L_jj^{−T}, L_jj the factor of A_jj − Σ_{k<j} L_jk L_jkᵀ
 */
export function factorTask(engine: LinearEngine, job: FactorJob, task: number): void {
  const { factor, done } = job;
  const { cut } = factor;
  const [i, j] = placeOf(cut.tiles, task);
  const [at, rows, columns] = [task * tileBytes, panelsIn(cut, i), panelsIn(cut, j)];
  for (let k = 0; k < j; k++) {
    if (!isReady(job, i, k) || !isReady(job, j, k)) return;
    if (i === j) engine.subtractSquare(at, tileAt(factor, i, k), tileSize, rows);
    else engine.subtractProduct(at, tileAt(factor, i, k), tileAt(factor, j, k), tileSize, rows, columns);
  }
  if (i === j) {
    if (!engine.factorTile(diagonalTile(factor, j), acceptPivot(job, j * tileSize))) {
      stop(job);
      return;
    }
  } else {
    if (!isReady(job, j, j)) return;
    engine.solveTile(at, rows, diagonalTile(factor, j));
  }
  Atomics.store(done, task, 1);
  Atomics.notify(done, task);
}

function placeOf(tiles: number, task: number): readonly [number, number] {
  let j = 0;
  while (task >= lowerIndex(tiles, j + 1, j + 1)) j++;
  return [task - lowerIndex(tiles, j, j) + j, j];
}

/** Milliseconds after which a thread that waits looks whether the job is stopped. */
const longestWait = 100;

/** Waits for tile (i, j); false if the job is stopped first. */
function isReady(job: FactorJob, i: number, j: number): boolean {
  const { factor, done } = job;
  const tile = lowerIndex(factor.cut.tiles, i, j);
  while (Atomics.load(done, tile) === 0) {
    if (isStopped(job)) return false;
    Atomics.wait(done, tile, 0, longestWait);
  }
  return true;
}

/** Rows past the matrix are those of the identity. */
function acceptPivot({ factor, diagonal, lost }: FactorJob, first: number): (i: number, pivot: number) => boolean {
  const { size } = factor.cut;
  return (i, pivot) => {
    const row = first + i;
    if (row >= size || isLarge(pivot, diagonal[row]!, size)) return true;
    lost.set([row, pivot]);
    return false;
  };
}
