import { panelRows, tileBytes, tileSize } from '../../codegen/linear/index.ts';
import { NtkcError } from '../../errors.ts';
import { type Cut, cutOf, entryAt, loadTile, loadTransposed, type Source } from './layout.ts';
import { Machine, threadsFor } from './machine.ts';
import { controlLength } from './progress.ts';

export interface ProductSize {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  /** Default: as many as pay, at most those the machine runs at once. The numbers do not depend on it. */
  readonly threads?: number;
}

/** Tiles of A and of B at a time: 256 MB each. */
const tilesAtOnce = Math.floor(2 ** 28 / tileBytes);
/** Multiply-adds below which plain loops end before a module is loaded. */
const smallest = 4e6;
/** With fewer columns the sums take less time than making tiles. */
const fewestColumns = 4;

/**
 * out[r c] = Σ_i a[r i]·b[i c] in float64, in blocks on all threads; all row-major. Besides the result it takes at most 768
 * MB, and less than the operands and the result once more. Values that are not finite stay so. Throws NtkcError for a size that does not fit.
 */
export async function product(a: Float64Array, b: Float64Array, size: ProductSize): Promise<Float64Array> {
  const { rows, inner, columns } = size;
  if (a.length !== rows * inner || b.length !== inner * columns)
    throw new NtkcError({
      what: `the factors of a product have ${a.length} and ${b.length} entries`,
      expected: `${rows} x ${inner} and ${inner} x ${columns}`,
    });
  const out = new Float64Array(rows * columns);
  if (columns < fewestColumns || rows * inner * columns < smallest) plainProduct(a, b, size, out);
  else await tiledProduct(a, b, size, out);
  return out;
}

function plainProduct(a: Float64Array, b: Float64Array, { rows, inner, columns }: ProductSize, out: Float64Array) {
  for (let r = 0; r < rows; r++)
    for (let i = 0; i < inner; i++) {
      const v = a[r * inner + i]!;
      for (let c = 0; c < columns; c++) out[r * columns + c]! += v * b[i * columns + c]!;
    }
}

async function tiledProduct(a: Float64Array, b: Float64Array, size: ProductSize, out: Float64Array): Promise<void> {
  const inner = cutOf(size.inner);
  const most = Math.max(1, Math.min(Math.floor(tilesAtOnce / inner.tiles), Math.floor(Math.sqrt(tilesAtOnce))));
  const rowTiles = Math.min(most, cutOf(size.rows).tiles);
  const columnTiles = Math.min(most, cutOf(size.columns).tiles);
  const bAt = rowTiles * inner.tiles * tileBytes;
  const cAt = bAt + columnTiles * inner.tiles * tileBytes;
  const multiplyAdds = size.rows * Math.ceil(size.columns / panelRows) * panelRows * size.inner;
  const machine = new Machine(cAt + rowTiles * columnTiles * tileBytes, threadsFor(multiplyAdds, size.threads));
  const engine = machine.engine();
  const sides = { a: 0, b: bAt, c: cAt, inner };
  for (let j = 0; j < size.columns; j += columnTiles * tileSize) {
    const columns = cutOf(Math.min(columnTiles * tileSize, size.columns - j));
    eachTile(columns, inner, (tile, column, i, width, depth) => {
      const source = { data: b, width: size.columns, row: i, column: j + column };
      loadTransposed(engine.tile(bAt + tile * tileBytes), source, width, depth);
    });
    for (let r = 0; r < size.rows; r += rowTiles * tileSize) {
      const rows = cutOf(Math.min(rowTiles * tileSize, size.rows - r));
      eachTile(rows, inner, (tile, row, i, height, depth) => {
        const source = { data: a, width: size.inner, row: r + row, column: i };
        loadTile(engine.tile(tile * tileBytes), source, height, depth);
      });
      await machine.run({ kind: 'product', ...sides, rows, columns, control: machine.flags(controlLength) });
      eachTile(rows, columns, (tile, row, column, height, width) => {
        const target = { data: out, width: size.columns, row: r + row, column: j + column };
        storeNegated(engine.tile(cAt + tile * tileBytes), target, height, width);
      });
    }
  }
}

/** Tiles row by row: index, first row and column, and how many of both. */
function eachTile(
  rows: Cut,
  columns: Cut,
  f: (tile: number, row: number, column: number, height: number, width: number) => void,
): void {
  for (let i = 0; i < rows.tiles; i++)
    for (let j = 0; j < columns.tiles; j++) {
      const [row, column] = [i * tileSize, j * tileSize];
      const [height, width] = [Math.min(tileSize, rows.size - row), Math.min(tileSize, columns.size - column)];
      f(i * columns.tiles + j, row, column, height, width);
    }
}

function storeNegated(tile: Float64Array, { data, width, row, column }: Source, rows: number, columns: number): void {
  for (let r = 0; r < rows; r++) {
    const to = (row + r) * width + column;
    const from = entryAt(r, 0);
    for (let c = 0; c < columns; c++) data[to + c] = 0 - tile[from + c * panelRows]!;
  }
}
