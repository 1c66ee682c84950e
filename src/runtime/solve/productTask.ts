/** Products of tiled matrices, one tile a task. */
import { panelRows, tileBytes } from '../../codegen/linear/index.ts';
import type { LinearEngine } from './engine.ts';
import { type Cut, panelsIn } from './layout.ts';
import type { Progress } from './progress.ts';

/** −C = A·Bᵀ for matrices of whole tiles, row by row of tiles, at these addresses; C[i j] −= Σ_k A[i k] B[j k]. */
export interface ProductJob extends Progress {
  readonly kind: 'product';
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly rows: Cut;
  readonly columns: Cut;
  readonly inner: Cut;
}

export function productTask(engine: LinearEngine, { a, b, c, rows, columns, inner }: ProductJob, task: number): void {
  const [i, j] = [Math.floor(task / columns.tiles), task % columns.tiles];
  const at = c + task * tileBytes;
  engine.tile(at).fill(0);
  for (let k = 0; k < inner.tiles; k++) {
    const [left, right] = [a + (i * inner.tiles + k) * tileBytes, b + (j * inner.tiles + k) * tileBytes];
    const depth = panelsIn(inner, k) * panelRows;
    engine.subtractProduct(at, left, right, depth, panelsIn(rows, i), panelsIn(columns, j));
  }
}
