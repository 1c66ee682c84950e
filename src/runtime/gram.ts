/**
 * Gram matrices by tiles: bounded memory at any size, each symmetric tile computed once, never a NaN in silence.
 */
import { NtkcError } from '../errors.ts';
import { bandsTo, hasMatrix, type MatrixKernel, refuseLimit } from './bands.ts';
import { type Block, type GramSink, mirror, transposed } from './block.ts';
import type { CompiledKernel, Inputs, Prepared, Tile } from './kernel.ts';
import { nonFinite } from './nonFinite.ts';

export type { Block, GramSink } from './block.ts';

export interface GramOptions {
  /** Which output of the kernel; only a layer-wise kernel has several. Default 0. */
  readonly output?: number;
  /** Rows and columns of a tile. Default: what the memory limit allows, at most 512. */
  readonly tileRows?: number;
  /** Bound on what tiles may hold at a time, in bytes, besides inputs and result. Default 64 MiB. */
  readonly memoryLimitBytes?: number;
  readonly onProgress?: (entriesDone: number, entries: number) => void;
  readonly signal?: AbortSignal;
}

const defaultLimitBytes = 64 * 2 ** 20;

/** Either the rows themselves or their flat data and count. */
export type InputRows = Inputs | readonly (readonly number[])[];

/**
 * The Gram matrix of x1 with x2, or with itself: Float64Array, row-major [n1, n2].
 * @throws NtkcError for inputs that do not fit the kernel, or where a kernel value is NaN or infinite
 */
export async function gram(
  kernel: CompiledKernel,
  x1: InputRows,
  x2?: InputRows,
  options: GramOptions = {},
): Promise<Float64Array> {
  const rows = asInputs(x1);
  const columns = x2 === undefined ? rows : asInputs(x2);
  if (hasMatrix(kernel) && options.tileRows === undefined)
    return wholeMatrix(kernel, rows, x2 === undefined ? undefined : columns, options);
  const out = new Float64Array(rows.n * columns.n);
  const write = ({ rows: [i0, i1], columns: [j0, j1], data }: Block) => {
    for (let i = i0; i < i1; i++)
      out.set(data.subarray((i - i0) * (j1 - j0), (i - i0 + 1) * (j1 - j0)), i * columns.n + j0);
  };
  await gramTo({ write }, kernel, rows, x2 === undefined ? undefined : columns, options);
  return out;
}

async function wholeMatrix(
  kernel: MatrixKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  { output = 0, signal, onProgress }: GramOptions,
): Promise<Float64Array> {
  const [a, b] = await prepareBoth(kernel, x1, x2);
  requireOutput(kernel, output);
  const entries = a.n * b.n;
  return kernel.matrix({
    a,
    b,
    symmetric: x2 === undefined,
    rows: [0, a.n],
    output,
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (part: number) => onProgress(Math.round(part * entries), entries) }),
  });
}

export async function prepareBoth(
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
): Promise<[Prepared, Prepared]> {
  checkInputs(x1, kernel, 'x1');
  if (x2 !== undefined) checkInputs(x2, kernel, 'x2');
  const a = await kernel.prepare(x1);
  return [a, x2 === undefined ? a : await kernel.prepare(x2)];
}

/** The Gram matrix, tile by tile, into a sink; a symmetric tile is computed once and written twice. */
export async function gramTo(
  sink: GramSink,
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  options: GramOptions = {},
): Promise<void> {
  const symmetric = x2 === undefined;
  const [a, b] = await prepareBoth(kernel, x1, x2);
  const { output = 0, memoryLimitBytes = defaultLimitBytes } = options;
  requireOutput(kernel, output);
  if (hasMatrix(kernel) && options.tileRows === undefined)
    return bandsTo(sink, kernel, [a, b], symmetric, { ...options, output, memoryLimitBytes });
  const size = options.tileRows ?? tileRowsFor(memoryLimitBytes, kernel.program.outputs.length);
  const total = x1.n * (x2?.n ?? x1.n);
  let done = 0;
  let breathed = performance.now();
  for (const tile of tiles(a, b, size, symmetric)) {
    options.signal?.throwIfAborted();
    const block = await oneTile(kernel, tile, output);
    const onDiagonal = symmetric && tile.aRows[0] === tile.bRows[0];
    if (onDiagonal) mirror(block);
    await sink.write(block);
    if (symmetric && !onDiagonal) await sink.write(transposed(block));
    done += block.data.length * (symmetric && !onDiagonal ? 2 : 1);
    options.onProgress?.(done, total);
    if (performance.now() - breathed > 50) {
      await new Promise((resolve) => setTimeout(resolve, 0)); // let Ctrl-C and progress bars in
      breathed = performance.now();
    }
  }
}

/** Tiles of one output, its transpose and the outputs beside it fit the limit. */
function tileRowsFor(limitBytes: number, outputs: number): number {
  const rows = Math.floor(Math.sqrt(limitBytes / (8 * (outputs + 2))));
  return rows < 1 ? refuseLimit() : Math.min(512, rows);
}

function* tiles(a: Prepared, b: Prepared, size: number, symmetric: boolean): Generator<Tile> {
  for (let i = 0; i < a.n; i += size)
    for (let j = symmetric ? i : 0; j < b.n; j += size)
      yield { a, aRows: [i, Math.min(i + size, a.n)], b, bRows: [j, Math.min(j + size, b.n)], symmetric };
}

async function oneTile(kernel: CompiledKernel, tile: Tile, output: number): Promise<Block> {
  const data = (await kernel.tile(tile))[output] as Float64Array;
  checkFinite(data, tile, kernel);
  return { rows: tile.aRows, columns: tile.bRows, data };
}

export function requireOutput(kernel: CompiledKernel, output: number): void {
  const count = kernel.program.outputs.length;
  if (output in kernel.program.outputs) return;
  throw new NtkcError({ what: `the kernel has no output ${output}`, expected: `0 to ${count - 1}` });
}

export function checkFinite(data: Float64Array, { aRows, bRows }: Tile, kernel: CompiledKernel): void {
  const at = data.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  const width = bRows[1] - bRows[0];
  const [i, j] = [aRows[0] + Math.floor(at / width), bRows[0] + (at % width)];
  throw nonFinite(data[at], i, j, kernel.target);
}

export function checkInputs(x: Inputs, kernel: CompiledKernel, name: string): void {
  const { features } = kernel.program;
  if (x.n === 0) throw new NtkcError({ what: `${name} has no samples`, expected: 'at least one' });
  if (x.data.length !== x.n * features)
    throw new NtkcError({
      what: `${name} has ${x.data.length / x.n} features a sample`,
      expected: `${features}, as the network's input.shape says`,
    });
  const at = x.data.findIndex((v) => !Number.isFinite(v));
  if (at >= 0)
    throw new NtkcError({
      what: `${name} holds ${x.data[at]}`,
      where: `${name}[${Math.floor(at / features)}][${at % features}]`,
      expected: 'finite numbers',
    });
}

export function asInputs(x: InputRows): Inputs {
  if (!Array.isArray(x)) return x as Inputs;
  const rows = x as readonly (readonly number[])[];
  const d = rows[0]?.length ?? 0;
  const ragged = rows.findIndex((r) => r.length !== d);
  if (ragged >= 0)
    throw new NtkcError({ what: `row ${ragged} has ${rows[ragged]?.length} numbers`, expected: `${d}, as row 0 has` });
  return { data: Float64Array.from(rows.flat()), n: rows.length };
}
