/** What a matrix and its right hand sides must be, and what is said when they are not. */
import { NtkcError } from '../../errors.ts';

export function requireMatrix(matrix: Float64Array, n: number, name: string): void {
  if (Number.isInteger(n) && n > 0 && matrix.length === n * n) return;
  throw new NtkcError({
    what: `the ${name} has ${matrix.length} entries`,
    expected: `n·n entries for n = ${n}, n >= 1`,
  });
}

export function requireFinite(matrix: Float64Array, n: number, name: string): void {
  const at = firstNonFinite(matrix);
  if (at < 0) return;
  throw new NtkcError({
    what: `the ${name} holds ${matrix[at]}`,
    where: `row ${Math.floor(at / n)}, column ${at % n} (counted from 0)`,
    expected: 'finite numbers',
    next: 'Look for huge or non-finite values in these two inputs; standardise the features.',
  });
}

/** Right hand sides [n, columns]. */
export function requireRhs(rhs: Float64Array, n: number, columns: number): void {
  if (rhs.length !== n * columns) {
    throw new NtkcError({ what: `the right hand sides have ${rhs.length} entries`, expected: `${n} x ${columns}` });
  }
  const at = firstNonFinite(rhs);
  if (at < 0) return;
  throw new NtkcError({
    what: `the right hand sides hold ${rhs[at]}`,
    where: `row ${Math.floor(at / columns)}, column ${at % columns} (counted from 0)`,
    expected: 'finite numbers',
  });
}

/**
 * Index of the first value that is NaN or infinite, −1 if none is. 0·v is NaN for these, and stays it in a sum: one pass
 * without a branch, and a search only where it is needed.
 */
export function firstNonFinite(values: Float64Array): number {
  let poison = 0;
  for (let i = 0; i < values.length; i++) poison += 0 * values[i]!;
  return poison === 0 ? -1 : values.findIndex((v) => !Number.isFinite(v));
}

/** Whether a pivot is more than rounding: at most max(n, 100)·2⁻⁵² of its diagonal entry counts as zero. */
export const isLarge = (pivot: number, diagonal: number, n: number): boolean =>
  pivot > Math.max(n, 100) * Number.EPSILON * diagonal;

/** A matrix whose pivot i is lost, and why it may be. `shift` is what was added to its diagonal. */
export function notPositive(
  a: Float64Array,
  n: number,
  i: number,
  pivot: number,
  shift: number,
  name: string,
): NtkcError {
  const scale = a[i * n + i]!;
  const twin = twinOf(a, n, i);
  // Rounding, amplified by small earlier pivots, can leave a pivot that should be 0 on either side of it.
  const singular = Math.abs(pivot) <= 1e-10 * Math.abs(scale);
  const why =
    twin >= 0
      ? `rows ${twin} and ${i} are equal: duplicate inputs`
      : singular
        ? `row ${i} is a combination of the rows before it: duplicate or linearly dependent inputs`
        : 'it has a negative eigenvalue: it is no kernel matrix, or rounding is larger than the ridge';
  return new NtkcError({
    what: `the ${name} is ${singular ? 'singular' : 'not positive definite'} with ridge ${shift}: ${why}`,
    where: `pivot ${i} of ${n} (counted from 0), which is ${pivot.toPrecision(3)} against a diagonal entry of ${scale.toPrecision(3)}`,
    expected: 'a positive definite matrix',
    next: `Raise the ridge (try ${suggestedRidge(scale)}) or remove the duplicate rows.`,
  });
}

/** An earlier row that agrees with row i in its own and the shared entries to 1e-12, relative; -1 if there is none. */
function twinOf(a: Float64Array, n: number, i: number): number {
  const q = a[i * n + i]!;
  const close = (v: number) => Math.abs(v - q) <= 1e-12 * Math.abs(q);
  for (let j = 0; j < i; j++) if (close(a[j * n + j]!) && close(a[i * n + j]!)) return j;
  return -1;
}

const suggestedRidge = (scale: number) => (scale > 0 ? (1e-6 * scale).toPrecision(1) : '1e-6');
