import { isLarge, notPositive, requireFinite, requireMatrix } from './checks.ts';

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
      if (!isLarge(pivot, a, n)) throw notPositive(matrix, n, i, pivot, shift, name);
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
