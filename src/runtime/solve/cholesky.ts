import { NtkcError } from '../../errors.ts';

/** L of A + shift·I = L Lᵀ: float64, row-major [n, n]; zeros above the diagonal. */
export interface CholeskyFactor {
  readonly n: number;
  readonly lower: Float64Array;
}

export interface CholeskyOptions {
  /** Added to every diagonal entry (a ridge). Default 0. */
  readonly shift?: number;
  /** What the matrix is called in errors. */
  readonly name?: string;
}

/**
 * Cholesky factor of a symmetric positive definite matrix [n, n], in float64. Reads the diagonal and what is below it;
 * the matrix itself is left as it was. A pivot <= max(n, 100)·2⁻⁵² of its diagonal entry is lost in rounding and counts as zero.
 *
 * Throws NtkcError for a non-finite entry (row and column) and for a matrix that is singular or indefinite (which pivot).
 *
 * @derived l_ij = (a_ij − Σ_{k<j} l_ik l_jk) / l_jj, l_ii = √(a_ii − Σ_{k<i} l_ik²)
 */
export function cholesky(matrix: Float64Array, n: number, options: CholeskyOptions = {}): CholeskyFactor {
  const { shift = 0, name = 'kernel matrix' } = options;
  requireMatrix(matrix, n, name);
  requireFinite(matrix, n, name);
  const lower = copyLower(matrix, n, shift);
  // Four rows at a time: each earlier row, once in cache, serves four dot products.
  for (let i0 = 0; i0 < n; i0 += 4) {
    const i1 = Math.min(i0 + 4, n);
    if (i1 - i0 === 4) for (let j = 0; j < i0; j++) fourRows(lower, n, i0, j);
    for (let i = i0; i < i1; i++) {
      for (let j = i1 - i0 === 4 ? i0 : 0; j < i; j++) {
        lower[i * n + j] = (lower[i * n + j]! - dotRows(lower, i * n, j * n, j)) / lower[j * n + j]!;
      }
      const a = lower[i * n + i]!;
      const pivot = a - dotRows(lower, i * n, i * n, i);
      if (!(pivot > Math.max(n, 100) * Number.EPSILON * a)) throw notPositive(matrix, n, i, pivot, shift, name);
      lower[i * n + i] = Math.sqrt(pivot);
    }
  }
  return { n, lower };
}

function copyLower(matrix: Float64Array, n: number, shift: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    lower.set(matrix.subarray(i * n, i * n + i + 1), i * n);
    lower[i * n + i]! += shift;
  }
  return lower;
}

/** Entries (i..i+3, j), for j < i. */
function fourRows(l: Float64Array, n: number, i: number, j: number): void {
  const r0 = i * n;
  const [r1, r2, r3, q] = [r0 + n, r0 + 2 * n, r0 + 3 * n, j * n];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let k = 0; k < j; k++) {
    const v = l[q + k]!;
    s0 += l[r0 + k]! * v;
    s1 += l[r1 + k]! * v;
    s2 += l[r2 + k]! * v;
    s3 += l[r3 + k]! * v;
  }
  const pivot = l[q + j]!;
  l[r0 + j] = (l[r0 + j]! - s0) / pivot;
  l[r1 + j] = (l[r1 + j]! - s1) / pivot;
  l[r2 + j] = (l[r2 + j]! - s2) / pivot;
  l[r3 + j] = (l[r3 + j]! - s3) / pivot;
}

function dotRows(l: Float64Array, a: number, b: number, length: number): number {
  let sum = 0;
  for (let k = 0; k < length; k++) sum += l[a + k]! * l[b + k]!;
  return sum;
}

function requireMatrix(matrix: Float64Array, n: number, name: string): void {
  if (Number.isInteger(n) && n > 0 && matrix.length === n * n) return;
  throw new NtkcError({
    what: `the ${name} has ${matrix.length} entries`,
    expected: `n·n entries for n = ${n}, n >= 1`,
  });
}

function requireFinite(matrix: Float64Array, n: number, name: string): void {
  const at = matrix.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return;
  throw new NtkcError({
    what: `the ${name} holds ${matrix[at]}`,
    where: `row ${Math.floor(at / n)}, column ${at % n} (counted from 0)`,
    expected: 'finite numbers',
    next: 'Look for huge or non-finite values in these two inputs; standardise the features.',
  });
}

function notPositive(a: Float64Array, n: number, i: number, pivot: number, shift: number, name: string): NtkcError {
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
