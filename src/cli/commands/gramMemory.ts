import { NtkcError } from '../../errors.ts';
import type { CompiledKernel, Inputs } from '../../runtime/kernel.ts';
import { machineBytes, requireMemory, whatFits } from '../../runtime/memory.ts';

const MB = 2 ** 20;

/**
 * Peak resident memory at n = 4000, d = 20, whatever the tiles: Node, ntkc and garbage not yet collected. Measured with
 * 512-row tiles: reference 223 MB, wasm 276 MB, tfjs 382 (wasm) to 604 MB (tensorflow). (2 cores, Node 24.21, /usr/bin/time -v)
 */
const programBytes = { reference: 240 * MB, wasm: 300 * MB, tfjs: 650 * MB } as const;
/** A matrix held as numbers, as pieces of text and as text: 120 bytes an entry, measured likewise. */
const heldBytesPerEntry = 120;
/** Tiles gain nothing beyond this, nor do they need it: 512 x 512 entries are 2 MB. */
const tileLimitBytes = 64 * MB;
/** Below this, tiles are so small that most of the time goes into handling them. The tiles of .zarr have one size. */
const smallestTileBytes = { json: 2 ** 16, npy: 2 ** 16, zarr: 20 * MB } as const;

interface Plan {
  readonly kernel: CompiledKernel;
  readonly target: keyof typeof programBytes;
  /** What the whole process may use; no limit if undefined. */
  readonly limitMB: number | undefined;
  readonly inputs: readonly Inputs[];
  readonly shape: readonly [number, number];
  /** .json is held in memory to the end, .npy and .zarr are streamed. */
  readonly format: 'json' | 'npy' | 'zarr';
}

/**
 * Bytes that tiles may take, and the arrays of a kernel with positions.
 * @throws NtkcError if the limit (without one, the machine) does not hold these arrays, the inputs, or the matrix with its text
 */
export function memoryPlan({ kernel, target, limitMB, inputs, shape: [n1, n2], format }: Plan): number {
  const n = inputs.reduce((sum, x) => sum + x.n, 0);
  const arrays = kernel.workingBytes?.(n) ?? 0;
  if (limitMB === undefined) {
    requireMemory(kernel, n, machineBytes());
    return arrays + tileLimitBytes;
  }
  // Inputs once as read and once as prepared.
  const inputBytes = inputs.reduce((sum, { data }) => sum + 2 * data.byteLength, 0);
  const fixedBytes = programBytes[target] + inputBytes + (format === 'json' ? n1 * n2 * heldBytesPerEntry : 0);
  const left = limitMB * MB - fixedBytes - arrays;
  if (left >= smallestTileBytes[format]) return arrays + Math.min(left, tileLimitBytes);
  const leftForArrays = left + arrays - smallestTileBytes[format];
  const tooManyPositions = arrays > 0 && leftForArrays >= 0;
  throw new NtkcError({
    what: `--memory-limit ${limitMB} is too little for this Gram matrix${tooManyPositions ? `, whose positions take ${Math.ceil(arrays / MB)} MB` : ''}`,
    expected: `at least ${Math.ceil((fixedBytes + arrays + smallestTileBytes[format]) / MB)} MB`,
    next: tooManyPositions
      ? whatFits(kernel, n, leftForArrays)
      : format === 'json'
        ? 'A .npy or .zarr output needs less: it is streamed.'
        : 'Raise the limit.',
  });
}
