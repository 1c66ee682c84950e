/** Gram matrices on disk, larger than memory, that can be continued. */
import { printProgram } from '../ir/program/index.ts';
import type { GramOptions } from './gram.ts';
import { gramChunks } from './gramChunks.ts';
import type { CompiledKernel, DType, Inputs } from './kernel.ts';

export interface ZarrOptions extends Pick<GramOptions, 'output' | 'signal' | 'onProgress'> {
  /** What is stored. Default: what the kernel computes in. */
  readonly dtype?: DType;
  /** Rows and columns of a chunk. Default 512, which are 2 MB of float64. */
  readonly tileRows?: number;
  /** Goes into the array's attributes, and must be the same when a run is continued: the version of a program, say. */
  readonly madeBy?: string;
  /** How many chunks of an earlier run have been looked at, of how many there will be. */
  readonly onCheck?: (checked: number, chunks: number) => void;
}

export interface ZarrResult {
  readonly chunks: number;
  /** Chunks of an earlier run that were still good. */
  readonly kept: number;
}

/**
 * The Gram matrix of x1 with x2, or with itself, as a Zarr v3 array in a folder, [n1, n2], chunk by chunk. A run that was
 * stopped, even killed, goes on where it was; chunks that are damaged are computed again; what comes out has the same
 * bytes as an unbroken run.
 * @throws NtkcError as `gram` does, for a folder that holds another matrix (naming what differs), and failed writes
 */
export async function gramZarr(
  path: string,
  kernel: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  options: ZarrOptions = {},
): Promise<ZarrResult> {
  const { output = 0, dtype = kernel.dtype, tileRows = 512, madeBy, onCheck } = options;
  const { fingerprint, openFolderStore, openZarrMatrix } = await import('./io/zarr/index.ts');
  const { program, target, layerWeights } = kernel;
  const facts = {
    ...(madeBy !== undefined && { 'made by': madeBy }),
    kernel: program.kernel,
    network: fingerprint(printProgram({ ...program, network: '' })), // whatever it is called
    'layer weights': layerWeights,
    output,
    target,
    x1: fingerprint(`${x1.n}`, x1.data),
    x2: x2 === undefined ? null : fingerprint(`${x2.n}`, x2.data),
  };
  const shape = [x1.n, (x2 ?? x1).n] as const;
  const store = await openFolderStore(path);
  const matrix = await openZarrMatrix(store, { shape, tileRows, dtype, facts }, path, onCheck);
  const [rows, columns] = matrix.grid;
  await gramChunks(matrix, kernel, x1, x2, options);
  await store.flush();
  return { chunks: rows * columns, kept: matrix.kept };
}

/** Throws NtkcError if no matrix can be written in this folder: a check that costs nothing, before computing. */
export async function requireZarrFolder(path: string): Promise<void> {
  const { requireFolder } = await import('./io/zarr/index.ts');
  await requireFolder(path);
}
