/**
 * Gram matrices by tiles: bounded memory at any size, each symmetric tile computed once, never a NaN in silence.
 */
import { NtkcError } from '../errors.ts';
import { bandsTo, hasMatrix, type MatrixKernel } from './bands.ts';
import { type Block, type GramSink, mirror, transposed } from './block.ts';
import { asInputs, checkInputs, type InputRows, withDefaults } from './inputs.ts';
import { entryNotFinite } from './io/entryNotFinite.ts';
import type { CompiledKernel, DType, Inputs, MatrixRequest, Prepared } from './kernel.ts';
import { machineBytes, requireMemory } from './memory.ts';
import { bytesOf, type NumberArrays, numbersIn } from './numbers.ts';
import { breather, oneTile, tileRowsFor, tiles } from './tiles.ts';

export type { Block, GramSink } from './block.ts';
export type { InputRows } from './inputs.ts';

export interface GramOptions {
  /** Which output of the kernel; only a layer-wise kernel has several. Default 0. */
  readonly output?: number;
  /** Rows and columns of a tile. Default: what the memory limit allows, at most 512. */
  readonly tileRows?: number;
  /**
   * Bound on what tiles and the kernel's own arrays may hold at a time, in bytes, besides inputs and result. Default:
   * 64 MiB for tiles, and for arrays what the machine has.
   */
  readonly memoryLimitBytes?: number;
  readonly onProgress?: (entriesDone: number, entries: number) => void;
  readonly signal?: AbortSignal;
}

export interface MatrixOptions<D extends DType = 'float64'> extends GramOptions {
  /** Numbers of the result, whatever the kernel computes in. Default "float64". */
  readonly dtype?: D;
}

const defaultLimitBytes = 64 * 2 ** 20;

/**
 * The Gram matrix of x1 with x2, or with itself: row-major [n1, n2], a Float64Array unless `dtype` says float32.
 * @throws NtkcError for inputs that do not fit the kernel, or where a kernel value is NaN or infinite as a number of this type
 */
export async function gram<D extends DType = 'float64'>(
  kernel: CompiledKernel,
  x1: InputRows,
  x2?: InputRows,
  options: MatrixOptions<D> = {},
): Promise<NumberArrays[D]> {
  const dtype = (options.dtype ?? 'float64') as D;
  const rows = asInputs(x1, 'x1', kernel.program);
  const columns = x2 === undefined ? rows : asInputs(x2, 'x2', kernel.program);
  if (hasMatrix(kernel) && options.tileRows === undefined)
    return wholeMatrix(kernel, rows, x2 === undefined ? undefined : columns, options, dtype);
  const entries = rows.n * columns.n;
  const out = numbersIn(dtype, new ArrayBuffer(bytesOf(dtype) * entries), entries);
  const write = ({ rows: [i0, i1], columns: [j0, j1], data }: Block) => {
    for (let i = i0; i < i1; i++)
      out.set(data.subarray((i - i0) * (j1 - j0), (i - i0 + 1) * (j1 - j0)), i * columns.n + j0);
  };
  await gramTo({ write }, kernel, rows, x2 === undefined ? undefined : columns, options);
  if (out instanceof Float32Array) requireFinite(out, columns.n);
  return out;
}

async function wholeMatrix<D extends DType>(
  kernel: MatrixKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  { output = 0, signal, onProgress }: GramOptions,
  dtype: D,
): Promise<NumberArrays[D]> {
  const [a, b] = await prepareBoth(kernel, x1, x2);
  requireOutput(kernel, output);
  const entries = a.n * b.n;
  const request: MatrixRequest = {
    a,
    b,
    symmetric: x2 === undefined,
    rows: [0, a.n],
    output,
    ...(signal && { signal }),
    ...(onProgress && { onProgress: (part: number) => onProgress(Math.round(part * entries), entries) }),
  };
  const compute: { readonly [E in DType]: () => Promise<NumberArrays[E]> } = {
    float64: () => kernel.matrix(request),
    float32: () => kernel.matrix32?.(request) ?? kernel.matrix(request).then((data) => rounded(data, b.n)),
  };
  return compute[dtype]();
}

function rounded(data: Float64Array, columns: number): Float32Array {
  const out = Float32Array.from(data);
  requireFinite(out, columns);
  return out;
}

/** @throws NtkcError for the first number that float64 held and float32 does not */
function requireFinite(data: Float32Array, columns: number): void {
  let at = 0;
  while (at < data.length && Number.isFinite(data[at])) at++;
  if (at < data.length) throw entryNotFinite(data[at] as number, Math.floor(at / columns), at % columns);
}

export async function prepareBoth(
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
): Promise<[Prepared, Prepared]> {
  checkInputs(x1, kernel, 'x1');
  if (x2 !== undefined) checkInputs(x2, kernel, 'x2');
  requireMemory(kernel, samplesOf(x1, x2), machineBytes());
  const a = await kernel.prepare(withDefaults(x1, kernel.program));
  return [a, x2 === undefined ? a : await kernel.prepare(withDefaults(x2, kernel.program))];
}

const samplesOf = (x1: Inputs, x2: Inputs | undefined) => x1.n + (x2?.n ?? 0);

/** The Gram matrix, tile by tile, into a sink; a symmetric tile is computed once and written twice. */
export async function gramTo(
  sink: GramSink,
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  options: GramOptions = {},
): Promise<void> {
  const symmetric = x2 === undefined;
  const { output = 0, signal, onProgress } = options;
  const tileBytes =
    options.memoryLimitBytes === undefined
      ? defaultLimitBytes
      : requireMemory(kernel, samplesOf(x1, x2), options.memoryLimitBytes);
  const [a, b] = await prepareBoth(kernel, x1, x2);
  requireOutput(kernel, output);
  if (hasMatrix(kernel) && options.tileRows === undefined)
    return bandsTo(sink, kernel, [a, b], symmetric, { ...options, output, memoryLimitBytes: tileBytes });
  const size = options.tileRows ?? tileRowsFor(tileBytes, kernel);
  const breathe = breather(signal);
  let done = 0;
  for (const tile of tiles({ a, aRows: [0, a.n], b, bRows: [0, b.n], symmetric }, size)) {
    await breathe();
    const block = await oneTile(kernel, tile, output);
    const onDiagonal = symmetric && tile.aRows[0] === tile.bRows[0];
    if (onDiagonal) mirror(block);
    await sink.write(block);
    if (symmetric && !onDiagonal) await sink.write(transposed(block));
    done += block.data.length * (symmetric && !onDiagonal ? 2 : 1);
    onProgress?.(done, a.n * b.n);
  }
}

export function requireOutput(kernel: CompiledKernel, output: number): void {
  const count = kernel.program.outputs.length;
  if (output in kernel.program.outputs) return;
  throw new NtkcError({ what: `the kernel has no output ${output}`, expected: `0 to ${count - 1}` });
}
