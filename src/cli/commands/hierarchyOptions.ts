/** Options of `ntkc hierarchy`, and which go together. */
import { extname, resolve } from 'node:path';
import { NtkcError } from '../../errors.ts';
import type { HierarchyTarget } from '../../runtime/hierarchy/index.ts';

export interface HierarchyOptions {
  readonly x: string;
  /** Of networks with aggregate. */
  readonly pattern?: string;
  readonly tuples?: string;
  /** Weights of a sum over tuples: one of this and `tuples` is given. */
  readonly contract?: string;
  readonly parameters?: string;
  /** What contracts a kernel of a finite network. */
  readonly target?: HierarchyTarget;
  readonly expected?: true;
  readonly coincident?: 'refuse' | 'exclude';
  readonly smoothing?: number;
  /** Neurons, where the expectation is a sample mean. */
  readonly samples?: number;
  readonly seed?: number;
  /** File of the standard errors of that mean. */
  readonly standardError?: string;
  readonly output?: string;
  readonly json?: true;
}

/** @throws NtkcError where options contradict each other or one is missing */
export function requireOptions(options: HierarchyOptions): void {
  const { output, standardError } = options;
  for (const file of [output, standardError]) requireArrayFile(file);
  if (output !== undefined && standardError !== undefined && resolve(output) === resolve(standardError))
    throw new NtkcError({
      what: '-o and --standard-error name the same file',
      where: output,
      next: 'Name another file for the standard errors.',
    });
  requireLevel(options);
  requireForm(options);
  if (options.pattern !== undefined && (options.parameters === undefined || options.tuples === undefined))
    throw new NtkcError({
      what: '--pattern is for --parameters with --tuples',
      next: 'Leave it out: of networks with aggregate, K is computed at tuples and given parameters.',
    });
  if (options.target !== undefined && (options.parameters === undefined || options.contract === undefined))
    throw new NtkcError({
      what: '--target is for --parameters with --contract',
      next: 'Leave it out: the rest is computed in float64 in this process.',
    });
}

function requireArrayFile(file: string | undefined): void {
  const ending = extname(file ?? 'printed.json').toLowerCase();
  if (ending !== '.json' && ending !== '.npy')
    throw new NtkcError({
      what: 'cannot tell the format of the output',
      where: `${file}`,
      expected: 'a name ending in .json or .npy',
    });
}

/** A finite network or the expectation, and the options of either. */
function requireLevel({ parameters, expected, coincident, smoothing, samples }: HierarchyOptions): void {
  const expectation = [...(coincident ? ['--coincident'] : []), ...(smoothing === undefined ? [] : ['--smoothing'])];
  if (samples !== undefined) expectation.push('--samples');
  if ((parameters === undefined) === (expected === undefined))
    throw new NtkcError({
      what: expected
        ? '--parameters and --expected contradict each other'
        : 'neither --parameters nor --expected is given',
      expected: '--parameters FILE for a finite network, or --expected for the expectation over all of them',
    });
  if (parameters !== undefined && expectation.length > 0)
    throw new NtkcError({ what: `${expectation.join(' and ')} is for --expected`, next: 'Leave it out.' });
}

/** Tuples or weights, and the options of a sample mean. */
function requireForm({ tuples, contract, samples, seed, standardError, coincident }: HierarchyOptions): void {
  if ((tuples === undefined) === (contract === undefined))
    throw new NtkcError({
      what:
        tuples === undefined
          ? 'neither --tuples nor --contract is given'
          : '--tuples and --contract contradict each other',
      expected: '--tuples FILE for a value at each tuple, or --contract FILE for a weighted sum over tuples',
    });
  if (contract === undefined && samples !== undefined)
    throw new NtkcError({
      what: '--samples is for --contract',
      next: 'Leave it out: at tuples the expectation is exact.',
    });
  const ofSamples = [
    ...(seed === undefined ? [] : ['--seed']),
    ...(standardError === undefined ? [] : ['--standard-error']),
  ];
  if (samples === undefined && ofSamples.length > 0)
    throw new NtkcError({
      what: `${ofSamples.join(' and ')} is for --samples`,
      next: 'Leave it out, or give --samples N.',
    });
  if (samples !== undefined && coincident !== undefined)
    throw new NtkcError({
      what: '--coincident is not for --samples: a smooth activation has a value at every tuple',
      next: 'Leave it out; smooth an activation with a kink by --smoothing.',
    });
}
