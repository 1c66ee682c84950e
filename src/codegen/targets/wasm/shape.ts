/** The sizes that the loops of a tile are built of. */
import type { Element } from './element.ts';

/** Rows that one step of the loops covers. */
export const rowGroup = 4;
/** Vectors of columns that are computed in turn: with two the kernel takes half as long again, with eight a third, for want of registers. */
export const chains = 4;
/** Columns that one step covers: 8 of float64, 16 of float32. */
export const columnChunk = ({ perVector }: Element): number => chains * perVector;
/** One chunk of columns of one value. */
export const chunkBytes = 16 * chains;
/** Inner products of 4 rows and a chunk of columns, [4][chunk], at address 0. */
export const scratchBytes = rowGroup * chunkBytes;
/** Gaps of a row and a chunk of columns, [2][chunk], after it. */
export const gapBytes = 2 * chunkBytes;

/** Features as they lie in memory: whole steps of the unrolled inner product. */
export const unrolled = 4;
export const paddedFeatures = (features: number): number => Math.ceil(features / unrolled) * unrolled;
