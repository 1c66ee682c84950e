import { NtkcError } from '../../errors.ts';
import type { Inputs } from '../../runtime/kernel.ts';

const MB = 2 ** 20;

/** What the process holds before any data: Node and ntkc itself, measured at 110 to 130 MB. */
const programBytes = 140 * MB;
/** Tiles gain nothing beyond this, nor do they need it: 512 x 512 entries are 2 MB. */
const tileLimitBytes = 64 * MB;
/** Below this, tiles are so small that most of the time goes into handling them. */
const smallestTileBytes = 2 ** 16;

interface Plan {
  /** What the whole process may use; no limit if undefined. */
  readonly limitMB: number | undefined;
  readonly inputs: readonly Inputs[];
  readonly shape: readonly [number, number];
  /** Whether the whole matrix is in memory at the end (.json), rather than streamed. */
  readonly held: boolean;
}

/** Bytes that tiles may take. @throws NtkcError if the limit does not hold the inputs, or the matrix with its text */
export function memoryPlan({ limitMB, inputs, shape: [n1, n2], held }: Plan): number {
  if (limitMB === undefined) return tileLimitBytes;
  // Inputs once as read and once as prepared; a matrix in memory with its text of about 20 characters an entry.
  const inputBytes = inputs.reduce((sum, { data }) => sum + 2 * data.byteLength, 0);
  const matrixBytes = held ? n1 * n2 * (8 + 2 * 20) : 0;
  const left = limitMB * MB - programBytes - inputBytes - matrixBytes;
  if (left >= smallestTileBytes) return Math.min(left, tileLimitBytes);
  const needed = Math.ceil((programBytes + inputBytes + matrixBytes + smallestTileBytes) / MB);
  throw new NtkcError({
    what: `--memory-limit ${limitMB} is too little for this Gram matrix`,
    expected: `at least ${needed} MB`,
    next: held ? 'A .npy output needs less: it is streamed.' : 'Raise the limit.',
  });
}
