/** Files that `ntkc gram` reads and writes. */
import { extname } from 'node:path';
import { NtkcError } from '../../errors.ts';
import type { Network } from '../../ir/arch/index.ts';
import { mostJsonNumbers } from '../../runtime/io/index.ts';
import type { Inputs } from '../../runtime/kernel.ts';
import { loadInputs, requireAggregate, withPatterns } from '../inputsFile.ts';

/** Entries of a matrix that is printed rather than written to a file. */
const maxPrinted = 250_000;

export type Format = 'json' | 'npy' | 'zarr';

/** By the ending of the output's name; what is printed is JSON. @throws NtkcError for another */
export function formatOf(output = 'printed.json'): Format {
  const ending = extname(output.replace(/[/\\]+$/, '')).toLowerCase();
  if (ending === '.npy' || ending === '.json' || ending === '.zarr') return ending.slice(1) as Format;
  throw new NtkcError({
    what: 'cannot tell the format of the output',
    where: output,
    expected: 'a name ending in .npy, .zarr or .json',
  });
}

export interface InputFiles {
  readonly x1: string;
  readonly x2?: string;
  readonly pattern1?: string;
  readonly pattern2?: string;
}

export function bothInputs(
  network: Network,
  netFile: string,
  { x1, x2, pattern1, pattern2 }: InputFiles,
): readonly [Inputs, Inputs | undefined] {
  if (pattern2 !== undefined && x2 === undefined)
    throw new NtkcError({ what: '--pattern2 is for --x2', next: 'Add --x2, or leave --pattern2 out.' });
  if ((pattern1 ?? pattern2) !== undefined)
    requireAggregate(network, netFile, pattern1 === undefined ? '--pattern2' : '--pattern1');
  return [
    withPatterns(loadInputs(x1, network, netFile), pattern1, network),
    x2 === undefined ? undefined : withPatterns(loadInputs(x2, network, netFile), pattern2, network),
  ];
}

/** Throws NtkcError where the matrix is too large for the screen, or for the .json file it is to go to. */
export function requirePrintable([n1, n2]: readonly [number, number], output: string | undefined): void {
  const most = output === undefined ? maxPrinted : formatOf(output) === 'json' ? mostJsonNumbers : Infinity;
  if (n1 * n2 <= most) return;
  throw new NtkcError({
    what: `a ${n1} x ${n2} matrix is too large ${output === undefined ? 'to print' : 'for a .json file'}`,
    ...(output !== undefined && { where: output }),
    expected: `at most ${most} entries`,
    next: 'Write it to another file: -o k.npy, or -o k.zarr.',
  });
}
