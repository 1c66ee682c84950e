import { NtkcError } from '../errors.ts';

/** The complaint about a kernel value that is NaN or infinite. */
export const nonFinite = (value: number | undefined, i: number, j: number, target: string): NtkcError =>
  new NtkcError({
    what: `the kernel is ${value} at samples ${i} and ${j} (counted from 0), on target ${target}`,
    expected: 'finite values',
    next: 'Their norms may be too large or too small: scale the inputs, or use float64.',
  });
