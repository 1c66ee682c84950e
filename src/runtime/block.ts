/** Pieces of a Gram matrix. */

/** Where finished blocks go: a matrix in memory, or a file. In any order, each entry once; their memory is used again. */
export interface GramSink {
  write(block: Block): Promise<void> | void;
}
export interface Block {
  readonly rows: readonly [from: number, to: number];
  readonly columns: readonly [from: number, to: number];
  /** Row-major [rows, columns]. */
  readonly data: Float64Array;
}

/** Fills in what lies below the diagonal of a square block. */
export function mirror({ data, rows }: Block): void {
  const n = rows[1] - rows[0];
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) data[i * n + j] = data[j * n + i] as number;
}

/** The transpose of some columns of a block, by default all; in memory of its own, or written over `into`. */
export function transposed({ rows, columns, data }: Block, [from, to] = columns, into?: Float64Array): Block {
  const [n, m] = [rows[1] - rows[0], columns[1] - columns[0]];
  const [first, last] = [from - columns[0], to - columns[0]];
  const size = n * (last - first);
  const out = into === undefined ? new Float64Array(size) : into.subarray(0, size);
  const step = 32;
  for (let i0 = 0; i0 < n; i0 += step)
    for (let j0 = first; j0 < last; j0 += step)
      for (let i = i0; i < Math.min(i0 + step, n); i++)
        for (let j = j0; j < Math.min(j0 + step, last); j++) out[(j - first) * n + i] = data[i * m + j] as number;
  return { rows: [from, to], columns: rows, data: out };
}
