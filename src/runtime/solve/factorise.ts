import { panelBytes, panelRows, tileBytes, tilePanels, tileSize } from '../../codegen/linear/index.ts';
import { notPositive, requireFinite, requireMatrix, requireRhs } from './checks.ts';
import { type CholeskyOptions, cholesky } from './cholesky.ts';
import type { FactorJob } from './factorTask.ts';
import { cutOf, entryAt, loadTile, lowerCount, lowerIndex } from './layout.ts';
import { Machine, mostBytes, threadsFor } from './machine.ts';
import { controlLength } from './progress.ts';
import { scratchBytes } from './solveTask.ts';
import type { TiledFactor } from './tiledFactor.ts';
import { solveCholesky } from './triangular.ts';

export interface FactoriseOptions extends CholeskyOptions {
  /** Default: as many as pay, at most those the machine runs at once. The numbers do not depend on it. */
  readonly threads?: number;
}

/** A symmetric positive definite matrix, factored. */
export interface Factorisation {
  readonly n: number;
  /** X of A X = B for B [n, columns], row-major; a new array. Throws NtkcError for entries that are not finite. */
  solve(rhs: Float64Array, columns: number): Promise<Float64Array>;
}

/** Below this the loops of `cholesky` end before a module is loaded. */
const smallest = 256;

/**
 * Cholesky factorisation of matrix[n n] + shift·I in float64: what `cholesky` does, in blocks on all threads. Reads the
 * diagonal and what is below it, and leaves the matrix as it was; the factor takes n²/2 numbers more, in tiles of 192.
 * Up to n = 32,000 (4 GB of tiles); beyond that, one thread and plain loops.
 *
 * Throws NtkcError for a non-finite entry (row and column) and for a matrix that is singular or indefinite (which pivot).
 */
export async function factorise(
  matrix: Float64Array,
  n: number,
  options: FactoriseOptions = {},
): Promise<Factorisation> {
  const { shift = 0, name = 'kernel matrix' } = options;
  requireMatrix(matrix, n, name);
  const cut = cutOf(n);
  const inverses = lowerCount(cut.tiles) * tileBytes;
  const bytes = inverses + 8 * tileSize * cut.tiles;
  const threads = threadsFor(n ** 3 / 6, options.threads);
  if (n < smallest || bytes + cut.tiles * panelBytes + threads * scratchBytes > mostBytes) {
    const small = cholesky(matrix, n, options);
    return { n, solve: async (rhs, columns) => solveCholesky(small, rhs, columns) };
  }
  requireFinite(matrix, n, name);
  const machine = new Machine(bytes, threads);
  const factor: TiledFactor = { cut, inverses };
  const job: FactorJob = {
    kind: 'factor',
    factor,
    control: machine.flags(controlLength),
    done: machine.flags(lowerCount(cut.tiles)),
    diagonal: machine.numbers(n),
    lost: machine.numbers(2).fill(-1),
  };
  for (let i = 0; i < n; i++) job.diagonal[i] = matrix[i * n + i]! + shift;
  loadLower(machine, factor, matrix, job.diagonal);
  await machine.run(job);
  const [row, pivot] = [job.lost[0]!, job.lost[1]!];
  if (row >= 0) throw notPositive(matrix, n, row, pivot, shift, name);
  let last: Promise<unknown> = Promise.resolve();
  return {
    n,
    solve: (rhs, columns) => {
      // One at a time: all use the same room.
      const solution = last.then(() => solveTiled(machine, factor, rhs, columns));
      last = solution.catch(() => {});
      return solution;
    },
  };
}

/** The lower triangle as tiles, with the given diagonal, and beyond it that of the identity. */
function loadLower(machine: Machine, { cut }: TiledFactor, data: Float64Array, diagonal: Float64Array): void {
  const engine = machine.engine();
  const n = cut.size;
  for (let j = 0; j < cut.tiles; j++)
    for (let i = j; i < cut.tiles; i++) {
      const tile = engine.tile(lowerIndex(cut.tiles, i, j) * tileBytes);
      const [row, column] = [i * tileSize, j * tileSize];
      const [rows, columns] = [Math.min(tileSize, n - row), Math.min(tileSize, n - column)];
      loadTile(tile, { data, width: n, row, column }, rows, columns);
      if (i !== j) continue;
      for (let r = 0; r < tileSize; r++) tile[entryAt(r, r)] = r < rows ? diagonal[row + r]! : 1;
    }
}

/** Bytes of right hand sides at a time. */
const rhsBytes = 2 ** 28;

async function solveTiled(
  machine: Machine,
  factor: TiledFactor,
  rhs: Float64Array,
  columns: number,
): Promise<Float64Array> {
  const n = factor.cut.size;
  requireRhs(rhs, n, columns);
  const solution = rhs.slice();
  const rowBytes = factor.cut.tiles * panelBytes;
  const most = Math.min(rhsBytes, machine.roomBytes - machine.threads * scratchBytes);
  // Blocks of equal height may need some panels more.
  const step = panelRows * Math.max(1, Math.floor(most / rowBytes) - tilePanels);
  for (let from = 0; from < columns; from += step)
    await solveColumns(machine, factor, solution, columns, [from, Math.min(from + step, columns)]);
  return solution;
}

/** Replaces columns [from, to) of x[n, width] by the solution. */
async function solveColumns(
  machine: Machine,
  factor: TiledFactor,
  x: Float64Array,
  width: number,
  [from, to]: readonly [number, number],
): Promise<void> {
  const { cut } = factor;
  const all = Math.ceil((to - from) / panelRows);
  const panels = Math.min(tilePanels, Math.ceil(all / machine.threads));
  const blocks = Math.ceil(all / panels);
  const tileLength = (panels * panelBytes) / 8;
  const scratch = machine.room(machine.threads * scratchBytes + blocks * cut.tiles * panels * panelBytes);
  const rhs = scratch + machine.threads * scratchBytes;
  const { view } = machine.engine();
  view.fill(0, rhs / 8, rhs / 8 + blocks * cut.tiles * tileLength);
  const walk = (f: (entry: number, at: number) => void) => {
    for (let j = 0; j < n; j++)
      for (let c = from; c < to; c++) {
        const [block, row] = [Math.floor((c - from) / (panels * panelRows)), (c - from) % (panels * panelRows)];
        const tile = rhs / 8 + (block * cut.tiles + Math.floor(j / tileSize)) * tileLength;
        f(j * width + c, tile + entryAt(row, j % tileSize));
      }
  };
  const n = cut.size;
  walk((entry, at) => {
    view[at] = x[entry]!;
  });
  const control = machine.flags(controlLength);
  await machine.run(
    { kind: 'solve', factor, rhs, panels, blocks, scratch, control },
    Math.min(machine.threads, blocks),
  );
  walk((entry, at) => {
    x[entry] = view[at]!;
  });
}
