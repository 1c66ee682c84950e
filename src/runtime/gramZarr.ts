/** Gram matrices on disk, larger than memory, that can be continued. */
import { NtkcError } from '../errors.ts';
import { printProgram } from '../ir/program/index.ts';
import { type GramOptions, requireOutput } from './gram.ts';
import { gramChunks } from './gramChunks.ts';
import { asInputs, checkInputs, type InputRows } from './inputs.ts';
import { fingerprint, type MatrixFacts } from './io/zarr/matrixFacts.ts';
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
  x1: InputRows,
  x2?: InputRows,
  options: ZarrOptions = {},
): Promise<ZarrResult> {
  const [rowInputs, columnInputs] = [asInputs(x1, 'x1', kernel.program), x2 && asInputs(x2, 'x2', kernel.program)];
  const { output = 0, dtype = kernel.dtype, tileRows = 512, madeBy, onCheck } = options;
  checkInputs(rowInputs, kernel, 'x1');
  if (columnInputs !== undefined) checkInputs(columnInputs, kernel, 'x2');
  requireOutput(kernel, output);
  if (!Number.isSafeInteger(tileRows) || tileRows < 1)
    throw new NtkcError({ what: `tileRows is ${tileRows}`, expected: 'a whole number >= 1' });
  const { openFolderStore, openZarrMatrix } = await import('./io/zarr/index.ts');
  const facts = factsOf(kernel, rowInputs, columnInputs, { output, madeBy });
  const shape = [rowInputs.n, (columnInputs ?? rowInputs).n] as const;
  const store = await openFolderStore(path);
  const matrix = await openZarrMatrix(store, { shape, tileRows, dtype, facts }, path, onCheck);
  const [rows, columns] = matrix.grid;
  await gramChunks(matrix, kernel, rowInputs, columnInputs, options);
  await store.flush();
  return { chunks: rows * columns, kept: matrix.kept };
}

/** What the matrix is computed from, besides its shape and type. */
function factsOf(
  { program, target, dtype, layerWeights }: CompiledKernel,
  x1: Inputs,
  x2: Inputs | undefined,
  { output, madeBy }: { readonly output: number; readonly madeBy: string | undefined },
): MatrixFacts {
  return {
    ...(madeBy !== undefined && { 'made by': madeBy }),
    kernel: program.kernel,
    network: fingerprint(printProgram({ ...program, network: '' })), // whatever it is called
    'layer weights': layerWeights,
    output,
    target,
    ...(dtype !== 'float64' && { 'computed in': dtype }),
    x1: fingerprintOf(x1),
    x2: x2 === undefined ? null : fingerprintOf(x2),
  };
}

const fingerprintOf = ({ n, data, patterns, present }: Inputs): string =>
  fingerprint(`${n}`, data, ...(patterns ? ['patterns', patterns] : []), ...(present ? ['present', present] : []));

/** Throws NtkcError if no matrix can be written in this folder: a check that costs nothing, before computing. */
export async function requireZarrFolder(path: string): Promise<void> {
  const { requireFolder } = await import('./io/zarr/index.ts');
  await requireFolder(path);
}
