/** Memory that kernels with positions need while they run, and what to say where it is too much. */
import { totalmem } from 'node:os';
import { NtkcError } from '../errors.ts';
import { quantity } from '../ir/einsum/plan/index.ts';
import type { Program } from '../ir/program/index.ts';
import type { CompiledKernel } from './kernel.ts';

const MB = 2 ** 20;

/** Bytes that this process can have: of the machine, or of the container it is in. */
export const machineBytes = (): number => Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);

/**
 * What is left of a limit for tiles, in bytes, beside the kernel's arrays for n samples.
 * @throws NtkcError if nothing is left: how much these arrays need, and what would fit
 */
export function requireMemory(kernel: CompiledKernel, n: number, limitBytes: number): number {
  const [needed, perPair] = [kernel.workingBytes?.(n) ?? 0, kernel.workingBytes?.(0) ?? 0];
  if (needed < limitBytes) return limitBytes - needed;
  const hasFormulas = kernel.program.statements.some((s) => s.kind === 'expand' && s.grid !== undefined);
  const coefficients = hasFormulas ? ' with coefficients of formulas at each position' : '';
  throw new NtkcError({
    what: `the kernel needs ${megabytes(needed)} of memory: ${megabytes(perPair)} for the positions of a pair, ${megabytes(needed - perPair)} to keep ${n} samples${coefficients}`,
    expected: `at most ${megabytes(limitBytes)}`,
    next: whatFits(kernel, n, limitBytes),
  });
}

const megabytes = (bytes: number) => (bytes < 1e5 * MB ? `${Math.ceil(bytes / MB)} MB` : quantity(bytes, 'B'));

/** What the limit would hold: fewer samples, or inputs with fewer positions. */
export function whatFits(kernel: CompiledKernel, n: number, limitBytes: number): string {
  const bytes = (samples: number) => kernel.workingBytes?.(samples) ?? 0;
  const samples = Math.floor((limitBytes - bytes(0)) / (bytes(1) - bytes(0)));
  if (samples >= 2 && samples < n) return `It holds ${samples} samples.`;
  const extents = smallerExtents(kernel.program, Math.max(0, limitBytes) / bytes(Math.min(n, 2)));
  if (extents.some((e) => e < 2)) return 'Raise the limit.';
  return `Inputs of about ${extents.join(' x ')} positions would fit, or a network that ends in flatten instead of pooling.`;
}

/** Extents at which arrays over all pairs of positions take `share` of the memory. */
const smallerExtents = ({ extents }: Program, share: number): readonly number[] =>
  extents.map((e) => Math.floor(e * share ** (1 / (2 * extents.length))));
