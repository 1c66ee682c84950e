/** A Gram matrix as a Zarr v3 array: one chunk a tile, each with its checksum, so that a run can go on where one ended. */
import { isDeepStrictEqual } from 'node:util';
import { create } from 'zarrita';
import { NtkcError } from '../../../errors.ts';
import type { ChunkSink } from '../../gramChunks.ts';
import type { DType } from '../../kernel.ts';
import { parseJson } from '../json.ts';
import { type ChunkCodec, chunkCodec } from './chunkBytes.ts';
import type { ChunkStore } from './folderStore.ts';
import { type MatrixFacts, requireSame } from './matrixFacts.ts';
import { codecs, documentKey, keyOf, type Metadata } from './metadata.ts';

export interface MatrixDescription {
  readonly shape: readonly [rows: number, columns: number];
  /** Rows and columns of a chunk. */
  readonly tileRows: number;
  readonly dtype: DType;
  readonly facts: MatrixFacts;
}

/** A matrix of which chunks can be asked for and written. `write` throws NtkcError as `ChunkCodec.encode` does, and for failed writes. */
export interface ZarrMatrix extends ChunkSink {
  /** Chunks that were there, and intact, when it was opened. */
  readonly kept: number;
}

/** Where ntkc's facts are, in the attributes of the array. */
const attribute = 'ntkc';

/**
 * Opens the matrix in a store, or makes it. Chunks that are there are read and checked; damaged ones count as missing.
 * @param where the store, as messages call it
 * @param onCheck is told how many chunks were looked at, of how many
 * @throws NtkcError if another matrix is in the store
 */
export async function openZarrMatrix(
  store: ChunkStore,
  description: MatrixDescription,
  where: string,
  onCheck?: (checked: number, chunks: number) => void,
): Promise<ZarrMatrix> {
  const { shape, tileRows, dtype } = description;
  await openDocument(store, description, where);
  const chunkShape = chunkShapeOf(description);
  const grid = [Math.ceil(shape[0] / chunkShape[0]), Math.ceil(shape[1] / chunkShape[1])] as const;
  const codec = chunkCodec(chunkShape, dtype);
  const there = await intactChunks(store, grid, codec, onCheck);
  return {
    tileRows,
    grid,
    kept: there.reduce((sum, one) => sum + one, 0),
    has: (i, j) => there[i * grid[1] + j] === 1,
    write: (part) => {
      const [i, j] = [Math.floor(part.rows[0] / tileRows), Math.floor(part.columns[0] / tileRows)];
      store.set(keyOf(i, j), codec.encode(part));
      there[i * grid[1] + j] = 1;
    },
  };
}

const chunkShapeOf = ({ shape: [rows, columns], tileRows }: MatrixDescription) =>
  [Math.min(rows, tileRows), Math.min(columns, tileRows)] as const;

/** 1 for each chunk of the grid that is there as it was written. */
async function intactChunks(
  store: ChunkStore,
  [rows, columns]: readonly [number, number],
  { chunkBytes, isIntact }: ChunkCodec,
  onCheck: ((checked: number, chunks: number) => void) | undefined,
): Promise<Uint8Array> {
  const there = new Uint8Array(rows * columns);
  const memory = new Uint8Array(chunkBytes);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++, at++) {
      const stored = await store.load(keyOf(i, j), memory);
      there[at] = stored !== undefined && isIntact(stored) ? 1 : 0;
      onCheck?.(at + 1, there.length);
    }
  return there;
}

/** Writes the array's description, or compares it with what is there. */
async function openDocument(store: ChunkStore, description: MatrixDescription, where: string): Promise<void> {
  const wanted = await documentOf(description);
  const known = await store.get(documentKey);
  if (known === undefined) store.set(documentKey, wanted);
  else requireSameDocument(known, wanted, where);
}

async function documentOf(description: MatrixDescription): Promise<Uint8Array> {
  const draft = new Map<string, Uint8Array>();
  await create(draft, {
    shape: [...description.shape],
    chunkShape: [...chunkShapeOf(description)],
    dtype: description.dtype,
    codecs,
    fillValue: Number.NaN, // what is not computed yet reads as no number
    attributes: { [attribute]: description.facts },
  });
  return draft.get(`/${documentKey}`) as Uint8Array;
}

function requireSameDocument(known: Uint8Array, wanted: Uint8Array, where: string): void {
  const read = (bytes: Uint8Array) => parseJson(new TextDecoder().decode(bytes), `${where}/${documentKey}`);
  const was = (read(known) ?? {}) as Partial<Metadata>;
  const is = read(wanted) as Metadata;
  if (was.attributes?.[attribute] === undefined)
    throw new NtkcError({
      what: 'this folder holds a Zarr array that ntkc did not write',
      where,
      next: 'Name another output.',
    });
  requireSame(factsOf(was), factsOf(is), where);
  const rest = ({ attributes: _, ...others }: Partial<Metadata>) => others;
  if (!isDeepStrictEqual(rest(was), rest(is)))
    throw new NtkcError({
      what: 'zarr.json is not as it was written',
      where,
      next: 'Restore it, or delete the folder.',
    });
}

const factsOf = ({ attributes, shape, data_type, chunk_grid }: Partial<Metadata>): MatrixFacts => ({
  ...(attributes?.[attribute] as MatrixFacts),
  shape: shape ?? null,
  dtype: data_type ?? null,
  tiles: chunk_grid?.configuration?.chunk_shape ?? null,
});
