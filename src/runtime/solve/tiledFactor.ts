/** A lower triangle as tiles. */
import { tileBytes, tileSize } from '../../codegen/linear/index.ts';
import type { DiagonalTile } from './engine.ts';
import { type Cut, lowerIndex, panelsIn } from './layout.ts';

/** A lower triangle in tiles at address 0, and the reciprocals of its diagonal. */
export interface TiledFactor {
  readonly cut: Cut;
  readonly inverses: number;
}

export const tileAt = ({ cut }: TiledFactor, i: number, j: number) => lowerIndex(cut.tiles, i, j) * tileBytes;

export const diagonalTile = (factor: TiledFactor, j: number): DiagonalTile => ({
  at: tileAt(factor, j, j),
  inverses: factor.inverses + 8 * tileSize * j,
  panels: panelsIn(factor.cut, j),
});
