/** Solves with a tiled factor, one block of right hand sides a task. */
import { panelBytes, panelRows, tileBytes, tileSize } from '../../codegen/linear/index.ts';
import type { LinearEngine } from './engine.ts';
import { entryAt, panelsIn } from './layout.ts';
import type { Progress } from './progress.ts';
import { diagonalTile, type TiledFactor, tileAt } from './tiledFactor.ts';

export interface SolveJob extends Progress {
  readonly kind: 'solve';
  readonly factor: TiledFactor;
  /** Right hand sides as rows: blocks of `panels` panels at this address, each as its tiles one after another. */
  readonly rhs: number;
  readonly panels: number;
  readonly blocks: number;
  /** `scratchBytes` for each thread. */
  readonly scratch: number;
}

/** A tile and the reciprocals of its diagonal. */
export const scratchBytes = tileBytes + 8 * tileSize;

/**
 * Z Lᵀ = B, then X L = Z, for the rows of one block of right hand sides. The second is the first with everything in reverse
 * order: rows and columns of Lᵀ reversed are a lower triangle.
 */
export function solveTask(engine: LinearEngine, job: SolveJob, block: number, thread: number): void {
  const { factor, rhs, panels, scratch } = job;
  const { cut } = factor;
  const own = scratch + thread * scratchBytes;
  const tileOf = (j: number) => rhs + (block * cut.tiles + j) * panels * panelBytes;
  for (let j = 0; j < cut.tiles; j++) {
    const width = panelsIn(cut, j);
    for (let k = 0; k < j; k++)
      engine.subtractProduct(tileOf(j), tileOf(k), tileAt(factor, j, k), tileSize, panels, width);
    engine.solveTile(tileOf(j), panels, diagonalTile(factor, j));
  }
  for (let j = 0; j < cut.tiles; j++) reverse(engine, tileOf(j), panels, panelsIn(cut, j));
  for (let j = cut.tiles - 1; j >= 0; j--) {
    const width = panelsIn(cut, j);
    for (let k = cut.tiles - 1; k > j; k--) {
      const depth = panelsIn(cut, k);
      turn(engine, tileAt(factor, k, j), own, depth, width);
      engine.subtractProduct(tileOf(j), tileOf(k), own, depth * panelRows, panels, width);
    }
    const diagonal = diagonalTile(factor, j);
    turn(engine, diagonal.at, own, width, width);
    reverseInto(engine.view, diagonal.inverses, own + tileBytes, width * panelRows);
    engine.solveTile(tileOf(j), panels, { at: own, inverses: own + tileBytes, panels: width });
  }
  for (let j = 0; j < cut.tiles; j++) reverse(engine, tileOf(j), panels, panelsIn(cut, j));
}

/** Columns of some panels of right hand sides in reverse order. */
function reverse({ view }: LinearEngine, at: number, panels: number, width: number): void {
  for (let p = 0; p < panels; p++) {
    const first = (at + p * panelBytes) / 8;
    const last = first + (width * panelRows - 1) * panelRows;
    for (let [low, high] = [first, last]; low < high; low += panelRows, high -= panelRows) {
      const column = view.slice(low, low + panelRows);
      view.copyWithin(low, high, high + panelRows);
      view.set(column, high);
    }
  }
}

/** To entry (r, c) from entry (last column − c, last row − r): the transposed tile in reverse order. */
function turn({ view }: LinearEngine, from: number, to: number, rowPanels: number, columnPanels: number): void {
  const [rows, columns] = [rowPanels * panelRows, columnPanels * panelRows];
  for (let r = 0; r < columns; r++) {
    const source = from / 8 + (columns - 1 - r) * panelRows;
    const target = to / 8 + entryAt(r, 0);
    for (let c = 0; c < rows; c++) view[target + c * panelRows] = view[source + entryAt(rows - 1 - c, 0)]!;
  }
}

function reverseInto(view: Float64Array, from: number, to: number, length: number): void {
  view.set(view.slice(from / 8, from / 8 + length).reverse(), to / 8);
}
