/** The sizes that the loops of a tile are built of. */

/** Rows and columns that one step of the loops covers. */
export const rowGroup = 4;
export const columnChunk = 8;
/** Vectors of two that are computed in turn: with two the kernel takes half as long again, with eight a third, for want of registers. */
export const chains = columnChunk / 2;
/** One chunk of columns of one value. */
export const chunkBytes = 8 * columnChunk;
/** Inner products of 4 rows and a chunk of columns, [4][chunk], at address 0. */
export const scratchBytes = rowGroup * chunkBytes;

/** Features as they lie in memory: whole steps of the unrolled inner product. */
export const unrolled = 4;
export const paddedFeatures = (features: number): number => Math.ceil(features / unrolled) * unrolled;
