/**
 * How matrices lie in memory for the linear algebra: square tiles of `tileSize`, a tile as panels of `panelRows` rows, a
 * panel column by column: entry (r, c) of a tile at panel ⌊r/12⌋, [c][r mod 12]. Both factors of A·Bᵀ and the result have
 * this one format, so nothing is packed twice.
 */

/** Rows of a panel: whole blocks of the micro-kernel, 4 rows by 6 columns, either way. */
export const panelRows = 12;
/** Two panels, 36 KB, stay in a first-level cache of 48 KB, and three tiles, 864 KB, in a second-level one of 1 MB. */
export const tileSize = 192;
export const tilePanels = tileSize / panelRows;
/** Bytes of one column of a panel, of a panel and of a tile. */
export const columnBytes = 8 * panelRows;
export const panelBytes = columnBytes * tileSize;
export const tileBytes = panelBytes * tilePanels;
