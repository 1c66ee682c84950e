import { requireRhs } from './checks.ts';
import type { CholeskyFactor } from './cholesky.ts';

/** Solves L Z = B for B [n, columns], row-major; a new array. @derived z_i = (b_i − Σ_{j<i} l_ij z_j) / l_ii */
export function solveLower(factor: CholeskyFactor, rhs: Float64Array, columns: number): Float64Array {
  const { n, lower } = factor;
  const z = copyRhs(rhs, n, columns);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) subtractRow(z, i * columns, j * columns, columns, lower[i * n + j]!);
    divideRow(z, i * columns, columns, lower[i * n + i]!);
  }
  return z;
}

/** Solves Lᵀ X = Z for Z [n, columns], row-major; a new array. Walks L by rows: once x_i is known it leaves all earlier rows. */
export function solveUpper(factor: CholeskyFactor, rhs: Float64Array, columns: number): Float64Array {
  const { n, lower } = factor;
  const x = copyRhs(rhs, n, columns);
  for (let i = n - 1; i >= 0; i--) {
    divideRow(x, i * columns, columns, lower[i * n + i]!);
    for (let j = 0; j < i; j++) subtractRow(x, j * columns, i * columns, columns, lower[i * n + j]!);
  }
  return x;
}

/** Solves L Lᵀ X = B for B [n, columns], row-major; a new array. */
export function solveCholesky(factor: CholeskyFactor, rhs: Float64Array, columns: number): Float64Array {
  return solveUpper(factor, solveLower(factor, rhs, columns), columns);
}

/** x[to] −= c · x[from], rows of the given length. */
function subtractRow(x: Float64Array, to: number, from: number, length: number, c: number): void {
  for (let k = 0; k < length; k++) x[to + k]! -= c * x[from + k]!;
}

function divideRow(x: Float64Array, at: number, length: number, by: number): void {
  for (let k = 0; k < length; k++) x[at + k]! /= by;
}

function copyRhs(rhs: Float64Array, n: number, columns: number): Float64Array {
  requireRhs(rhs, n, columns);
  return rhs.slice();
}
