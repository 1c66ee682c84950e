import { ftruncateSync, writeSync } from 'node:fs';
import type { Block, GramSink } from '../gram.ts';
import { entryNotFinite } from './entryNotFinite.ts';
import { writeFailure } from './fileErrors.ts';
import { openReplacement, type Replacement } from './files.ts';
import { bytesPerNumber, type NpyDtype, npyHeaderBytes } from './npyHeader.ts';

/** A matrix on its way to a .npy file, block by block in any order; nothing appears at the path before `finish`. */
export interface NpyWriter extends GramSink {
  /** Throws NtkcError for a value that is not finite (row, column) and a failed write. */
  write(block: Block): void;
  /** Flushes to the disk and puts the file in its place. Every entry must have been written, once. */
  finish(): void;
  /** Deletes what was written; an earlier file at the path stays. Harmless after finish; also happens at process exit. */
  abort(): void;
}

/** Entries that lie together in the file are gathered up to this size and written at once. */
const scratchBytes = 2 ** 20;

/**
 * Opens a streaming writer of a [rows, columns] matrix in C order: no more than 1 MiB of it is held. A failed write, or
 * a value that is not finite, aborts it. Throws NtkcError if the folder cannot be written.
 */
export function openNpyWriter(path: string, shape: readonly [number, number], dtype: NpyDtype = 'float64'): NpyWriter {
  return new MatrixWriter(path, shape, dtype);
}

class MatrixWriter implements NpyWriter {
  readonly #path: string;
  readonly #file: Replacement;
  readonly #rows: number;
  readonly #columns: number;
  readonly #headerBytes: number;
  readonly #scratch: Float64Array | Float32Array;
  #written = 0;

  constructor(path: string, [rows, columns]: readonly [number, number], dtype: NpyDtype) {
    [this.#path, this.#rows, this.#columns] = [path, rows, columns];
    const header = npyHeaderBytes([rows, columns], dtype);
    this.#headerBytes = header.length;
    const size = scratchBytes / bytesPerNumber(dtype);
    this.#scratch = dtype === 'float64' ? new Float64Array(size) : new Float32Array(size);
    this.#file = openReplacement(path);
    this.#attempt(() => {
      ftruncateSync(this.#file.fd, header.length + rows * columns * bytesPerNumber(dtype));
      writeFully(this.#file.fd, header, 0);
    });
  }

  write(block: Block): void {
    requireBlock(block, this.#rows, this.#columns);
    const {
      rows: [row0, row1],
      columns: [col0, col1],
      data,
    } = block;
    const scratch = this.#scratch;
    const fullRows = col0 === 0 && col1 === this.#columns;
    let [start, held, at] = [row0 * this.#columns + col0, 0, 0];
    for (let r = row0; r < row1; r++) {
      if (!fullRows) start = r * this.#columns + col0;
      for (let c = col0; c < col1; c++) {
        scratch[held] = data[at++]!;
        if (!Number.isFinite(scratch[held])) this.#refuse(scratch[held]!, r, c);
        if (++held === scratch.length) [start, held] = [this.#flush(start, held), 0];
      }
      if (!fullRows) [start, held] = [this.#flush(start, held), 0];
    }
    this.#flush(start, held);
    this.#written += data.length;
  }

  finish(): void {
    if (this.#written !== this.#rows * this.#columns) {
      this.#file.discard();
      throw new Error(`ntkc bug: ${this.#written} of ${this.#rows * this.#columns} entries written to ${this.#path}`);
    }
    this.#file.commit();
  }

  abort(): void {
    this.#file.discard();
  }

  /** Writes the first `held` entries of the scratch from file entry `start` on; returns the entry after them. */
  #flush(start: number, held: number): number {
    const size = this.#scratch.BYTES_PER_ELEMENT;
    const bytes = new Uint8Array(this.#scratch.buffer, 0, held * size);
    this.#attempt(() => writeFully(this.#file.fd, bytes, this.#headerBytes + start * size));
    return start + held;
  }

  #refuse(value: number, row: number, column: number): never {
    this.#file.discard();
    throw entryNotFinite(value, row, column);
  }

  #attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#file.discard();
      throw writeFailure(error, this.#path);
    }
  }
}

function requireBlock({ rows: [row0, row1], columns: [col0, col1], data }: Block, rows: number, columns: number): void {
  const inside = 0 <= row0 && row0 <= row1 && row1 <= rows && 0 <= col0 && col0 <= col1 && col1 <= columns;
  if (inside && data.length === (row1 - row0) * (col1 - col0)) return;
  const place = `[${row0}, ${row1}) x [${col0}, ${col1})`;
  throw new Error(`ntkc bug: a block of ${data.length} values at ${place} of a ${rows} x ${columns} matrix`);
}

function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}
