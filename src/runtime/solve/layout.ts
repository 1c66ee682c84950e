/** Where the tiles of a matrix lie in the memory of the blocked linear algebra. */
import { panelBytes, panelRows, tilePanels, tileSize } from '../../codegen/linear/index.ts';

/** Rows or columns cut into tiles. */
export interface Cut {
  readonly size: number;
  readonly tiles: number;
}
export const cutOf = (size: number): Cut => ({ size, tiles: Math.ceil(size / tileSize) });

/** Panels of a tile that hold anything: all 16, but in the last tile. */
export const panelsIn = ({ size, tiles }: Cut, tile: number): number =>
  tile < tiles - 1 ? tilePanels : Math.ceil((size - tile * tileSize) / panelRows);

/** Index of tile (i, j), j <= i, of a lower triangle: column by column, which is the order they are computed in. */
export const lowerIndex = (tiles: number, i: number, j: number): number => j * tiles - (j * (j - 1)) / 2 + (i - j);
export const lowerCount = (tiles: number): number => (tiles * (tiles + 1)) / 2;

/** Entry (r, c) of a tile, counted in float64 from its start. */
export const entryAt = (r: number, c: number): number =>
  Math.floor(r / panelRows) * (panelBytes / 8) + c * panelRows + (r % panelRows);

/** A block of a row-major matrix: entry (row, column) first, `width` entries a row of the matrix. */
export interface Source {
  readonly data: Float64Array;
  readonly width: number;
  readonly row: number;
  readonly column: number;
}

/** Puts rows x columns of a matrix into a tile; what the tile has besides stays as it is. */
export function loadTile(
  tile: Float64Array,
  { data, width, row, column }: Source,
  rows: number,
  columns: number,
): void {
  for (let r = 0; r < rows; r++) {
    const from = (row + r) * width + column;
    const to = entryAt(r, 0);
    for (let c = 0; c < columns; c++) tile[to + c * panelRows] = data[from + c]!;
  }
}

/** As loadTile, but row r and column c of the tile are column r and row c of the block. */
export function loadTransposed(tile: Float64Array, source: Source, rows: number, columns: number): void {
  const { data, width, row, column } = source;
  for (let c = 0; c < columns; c++) {
    const from = (row + c) * width + column;
    for (let r = 0; r < rows; r++) tile[entryAt(r, c)] = data[from + r]!;
  }
}
