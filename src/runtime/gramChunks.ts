/** A Gram matrix chunk by chunk, leaving out the chunks that are there already. */
import { hasMatrix } from './bands.ts';
import { type Block, mirror } from './block.ts';
import { type GramOptions, prepareBoth, requireOutput } from './gram.ts';
import type { CompiledKernel, Inputs, Prepared } from './kernel.ts';
import { breather, oneTile, tiles } from './tiles.ts';

/** Where chunks go: square ones of `tileRows`, those at the edges smaller. */
export interface ChunkSink {
  readonly tileRows: number;
  readonly grid: readonly [rows: number, columns: number];
  /** Whether this chunk of the grid needs no computing. */
  has(i: number, j: number): boolean;
  /** Takes one whole chunk, whose memory is used again. */
  write(chunk: BlockPart): void;
}

/** A part of a Gram matrix inside a larger block, or inside its transpose: entry (i, j) is data[offset + strides · (i, j)]. */
export interface BlockPart extends Block {
  readonly offset: number;
  readonly strides: readonly [down: number, across: number];
}

/** Some chunks of one row of the grid: row i, columns [from, to). */
type Run = readonly [i: number, from: number, to: number];

/** Runs grow while they take less than this: long enough for all threads, yet little is lost if the process is killed. */
const runMilliseconds = 100;
const longestRun = 4;
/** Targets cut what they are given into tiles of their own, of this many rows or a part of it: a run must not cut across. */
const targetTileRows = 512;

/**
 * Computes the chunks that the sink does not have and writes each once; of a symmetric matrix a chunk and its mirror
 * image from one computation.
 * @throws NtkcError as `gramTo` does; chunks written until then are whole
 */
export async function gramChunks(
  sink: ChunkSink,
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  { output = 0, signal, onProgress }: Pick<GramOptions, 'output' | 'signal' | 'onProgress'> = {},
): Promise<void> {
  const [a, b] = await prepareBoth(kernel, x1, x2);
  requireOutput(kernel, output);
  const symmetric = x2 === undefined;
  const job: Job = { kernel, a, b, symmetric, output, tileRows: sink.tileRows, ...(signal && { signal }) };
  const entries = a.n * b.n;
  let left = entriesLeft(sink, a.n, b.n);
  onProgress?.(entries - left, entries);
  let most = 1;
  let into: ArrayBufferLike | undefined;
  for (let run = nextRun(sink, symmetric, [0, 0, 0], most); run; run = nextRun(sink, symmetric, run, most)) {
    signal?.throwIfAborted();
    const started = performance.now();
    const band = await compute(job, run, into);
    into = band.data.buffer;
    const milliseconds = performance.now() - started;
    left -= writeMissing(sink, band, run, symmetric);
    onProgress?.(entries - left, entries);
    await new Promise((resolve) => setImmediate(resolve)); // let Ctrl-C and progress bars in
    if (!hasMatrix(kernel) || sink.tileRows % targetTileRows !== 0) continue;
    if (milliseconds < runMilliseconds / 2) most = Math.min(longestRun, 2 * most);
    else if (milliseconds > runMilliseconds) most = Math.max(1, Math.floor(most / 2));
  }
}

interface Job {
  readonly kernel: CompiledKernel;
  readonly a: Prepared;
  readonly b: Prepared;
  readonly symmetric: boolean;
  readonly output: number;
  readonly tileRows: number;
  readonly signal?: AbortSignal;
}

/** The next chunks after `last` that are missing, themselves or as mirror images; undefined at the end. */
function nextRun(sink: ChunkSink, symmetric: boolean, [row, , column]: Run, most: number): Run | undefined {
  const [rows, columns] = sink.grid;
  const missing = (i: number, j: number) => !sink.has(i, j) || (symmetric && !sink.has(j, i));
  for (let i = row; i < rows; i++)
    for (let j = i === row ? column : symmetric ? i : 0; j < columns; j++) {
      if (!missing(i, j)) continue;
      let to = j + 1;
      while (to < columns && to - j < most && missing(i, to)) to++;
      return [i, j, to];
    }
  return undefined;
}

async function compute(
  { kernel, a, b, symmetric, output, tileRows, signal }: Job,
  [i, from, to]: Run,
  into: ArrayBufferLike | undefined,
): Promise<Block> {
  const rows = [i * tileRows, Math.min((i + 1) * tileRows, a.n)] as const;
  const columns = [from * tileRows, Math.min(to * tileRows, b.n)] as const;
  if (hasMatrix(kernel)) {
    const request = { a, b, symmetric, rows, columns, output, ...(into && { into }), ...(signal && { signal }) };
    const data = await kernel.matrix(request);
    return { rows, columns, data };
  }
  const block = { rows, columns, data: new Float64Array((rows[1] - rows[0]) * (columns[1] - columns[0])) };
  const breathe = breather(signal);
  for (const tile of tiles({ a, aRows: rows, b, bRows: columns, symmetric }, kernel.tileRows ?? tileRows)) {
    await breathe();
    place(await oneTile(kernel, tile, output), block);
  }
  if (symmetric && i === from) mirror(block);
  return block;
}

/** Copies a part of a block to its place. */
function place({ rows, columns, data }: Block, into: Block): void {
  const [width, all] = [columns[1] - columns[0], into.columns[1] - into.columns[0]];
  for (let i = rows[0]; i < rows[1]; i++)
    into.data.set(
      data.subarray((i - rows[0]) * width, (i - rows[0] + 1) * width),
      (i - into.rows[0]) * all + columns[0] - into.columns[0],
    );
}

/** Writes the chunks of a band that the sink lacks; returns how many entries they have. */
function writeMissing(sink: ChunkSink, band: Block, [i, from, to]: Run, symmetric: boolean): number {
  const { rows, data } = band;
  const width = band.columns[1] - band.columns[0];
  let entries = 0;
  for (let j = from; j < to; j++) {
    const columns = [j * sink.tileRows, Math.min((j + 1) * sink.tileRows, band.columns[1])] as const;
    const offset = columns[0] - band.columns[0];
    const wanted: BlockPart[] = [];
    if (!sink.has(i, j)) wanted.push({ rows, columns, data, offset, strides: [width, 1] });
    if (symmetric && i !== j && !sink.has(j, i))
      wanted.push({ rows: columns, columns: rows, data, offset, strides: [1, width] });
    for (const chunk of wanted) sink.write(chunk);
    entries += wanted.length * (rows[1] - rows[0]) * (columns[1] - columns[0]);
  }
  return entries;
}

function entriesLeft({ grid, tileRows, has }: ChunkSink, rows: number, columns: number): number {
  const size = (at: number, all: number) => Math.min((at + 1) * tileRows, all) - at * tileRows;
  let left = 0;
  for (let i = 0; i < grid[0]; i++)
    for (let j = 0; j < grid[1]; j++) if (!has(i, j)) left += size(i, rows) * size(j, columns);
  return left;
}
