import { NtkcError } from '../../errors.ts';

/** The complaint about an entry of a matrix that is NaN or infinite, in a computation or once rounded to float32. */
export const entryNotFinite = (value: number, row: number, column: number): NtkcError =>
  new NtkcError({
    what: `the matrix holds ${value}`,
    where: `row ${row}, column ${column} (counted from 0)`,
    expected: 'finite numbers',
    next: 'Look for huge values in these two inputs; if you write float32, try float64.',
  });
