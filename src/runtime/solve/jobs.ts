/** Blocked Cholesky and its solves as tasks that any number of threads take from one counter, in this order. */
import { panelBytes, panelRows, tileBytes, tileSize } from '../../codegen/linear/index.ts';
import { isLarge } from './checks.ts';
import type { DiagonalTile, LinearEngine } from './engine.ts';
import { type Cut, entryAt, lowerIndex, panelsIn } from './layout.ts';

/** A lower triangle in tiles at address 0, and the reciprocals of its diagonal. */
export interface TiledFactor {
  readonly cut: Cut;
  readonly inverses: number;
}

/** What threads tell each other: shared memory where there are several. */
export interface Progress {
  /** Next task; whether to stop. */
  readonly control: Int32Array;
}

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

export type Job = FactorJob | SolveJob;

/** A tile and the reciprocals of its diagonal. */
export const scratchBytes = tileBytes + 8 * tileSize;

const next = 0;
const stopped = 1;
export const controlLength = 2;

export function stop(job: Job): void {
  Atomics.store(job.control, stopped, 1);
  if (job.kind === 'factor') for (let t = 0; t < job.done.length; t++) Atomics.notify(job.done, t);
}

/** Takes tasks until none is left or the job is stopped; yields after each. `thread` counts from 0. */
export function* takeTasks(engine: LinearEngine, job: Job, thread: number): Generator<void> {
  const tasks = job.kind === 'factor' ? job.done.length : job.blocks;
  for (;;) {
    const task = Atomics.add(job.control, next, 1);
    if (task >= tasks || Atomics.load(job.control, stopped) !== 0) return;
    if (job.kind === 'factor') factorTask(engine, job, task);
    else solveTask(engine, job, task, thread);
    yield;
  }
}

const tileAt = ({ cut }: TiledFactor, i: number, j: number) => lowerIndex(cut.tiles, i, j) * tileBytes;

const diagonalTile = (factor: TiledFactor, j: number): DiagonalTile => ({
  at: tileAt(factor, j, j),
  inverses: factor.inverses + 8 * tileSize * j,
  panels: panelsIn(factor.cut, j),
});

/**
 * Tile (i, j) from start to end: it waits for the tiles left of it, which threads that came before are at.
 * @derived L_ij = (A_ij − Σ_{k<j} L_ik L_jkᵀ) L_jj^{−T}, L_jj the factor of A_jj − Σ_{k<j} L_jk L_jkᵀ
 */
function factorTask(engine: LinearEngine, job: FactorJob, task: number): void {
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

/** Waits for tile (i, j); false if the job is stopped first. */
function isReady({ factor, done, control }: FactorJob, i: number, j: number): boolean {
  const tile = lowerIndex(factor.cut.tiles, i, j);
  while (Atomics.load(done, tile) === 0) {
    if (Atomics.load(control, stopped) !== 0) return false;
    Atomics.wait(done, tile, 0, 1000);
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

/**
 * Z Lᵀ = B, then X L = Z, for the rows of one block of right hand sides. The second is the first with everything in reverse
 * order: rows and columns of Lᵀ reversed are a lower triangle.
 */
function solveTask(engine: LinearEngine, job: SolveJob, block: number, thread: number): void {
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
