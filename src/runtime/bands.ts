/** A Gram matrix by bands of rows, for kernels that compute many rows at once faster than tile by tile. */
import { type Block, type GramSink, transposed } from './block.ts';
import type { CompiledKernel, Prepared } from './kernel.ts';
import { refuseLimit } from './tiles.ts';

export type MatrixKernel = CompiledKernel & Required<Pick<CompiledKernel, 'matrix'>>;
export const hasMatrix = (kernel: CompiledKernel): kernel is MatrixKernel => kernel.matrix !== undefined;

interface BandOptions {
  readonly output: number;
  readonly memoryLimitBytes: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (entriesDone: number, entries: number) => void;
}

/** Bands of rows, each with the columns from its diagonal on where the matrix is symmetric; what is below is its transpose. */
export async function bandsTo(
  sink: GramSink,
  kernel: MatrixKernel,
  [a, b]: readonly [Prepared, Prepared],
  symmetric: boolean,
  { output, memoryLimitBytes, signal, onProgress }: BandOptions,
): Promise<void> {
  const entries = a.n * b.n;
  let done = 0;
  let into: ArrayBufferLike | undefined;
  let turned = new Float64Array(0);
  for (let i0 = 0; i0 < a.n; ) {
    const j0 = symmetric ? i0 : 0;
    // A quarter of the limit for the band; the rest for what is transposed, for the inputs' copies, and for garbage.
    const i1 = Math.min(a.n, i0 + bandRows(memoryLimitBytes / (4 * 8 * (b.n - j0))));
    const data = await kernel.matrix({
      a,
      b,
      symmetric,
      rows: [i0, i1],
      output,
      ...(into && { into }),
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: (part: number) => onProgress(done + Math.round(part * (i1 - i0) * (b.n - j0)), entries),
      }),
    });
    into = data.buffer;
    const block: Block = { rows: [i0, i1], columns: [j0, b.n], data };
    await sink.write(block);
    done += data.length;
    const most = (i1 - i0) * Math.min(transposedColumns, a.n - i1);
    if (symmetric && turned.length < most) turned = new Float64Array(most);
    for (let j = i1; symmetric && j < a.n; j += transposedColumns) {
      const below = transposed(block, [j, Math.min(j + transposedColumns, a.n)], turned);
      await sink.write(below);
      done += below.data.length;
    }
    onProgress?.(done, entries);
    i0 = i1;
  }
}

/** Columns of a band that are transposed at a time. */
const transposedColumns = 512;

/** Whole groups of 8, as targets like them. */
const bandRows = (rows: number): number =>
  rows < 1 ? refuseLimit() : rows < 8 ? Math.floor(rows) : Math.floor(rows / 8) * 8;
