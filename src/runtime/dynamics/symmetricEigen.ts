/** Eigen-decomposition of a symmetric matrix by cyclic Jacobi rotations: small matrices, full relative accuracy. */

export interface SymmetricEigen {
  /** Ascending, [n]. */
  readonly values: Float64Array;
  /** vectors[i k] = component i of eigenvector k, [n n], row-major: A = V diag(values) Vᵀ. */
  readonly vectors: Float64Array;
}

/**
 * @param matrix [n n], row-major, symmetric.
 * @derived Golub and Van Loan, Matrix Computations, section 8.5; rotations until the off-diagonal is rounding
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  const a = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < MOST_SWEEPS && !isDiagonal(a, n); sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, n, p, q);
  const order = Array.from({ length: n }, (_, k) => k).sort((k, l) => a[k * n + k]! - a[l * n + l]!);
  return {
    values: Float64Array.from(order, (k) => a[k * n + k]!),
    vectors: Float64Array.from(v, (_, at) => v[at - (at % n) + order[at % n]!]!),
  };
}

/** Convergence is quadratic: ten sweeps are many. */
const MOST_SWEEPS = 60;

function isDiagonal(a: Float64Array, n: number): boolean {
  const largest = a.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.every((value, at) => at % (n + 1) === 0 || Math.abs(value) <= 1e-17 * largest);
}

/** Makes a[p q] zero, and turns columns p and q of v likewise. */
function rotate(a: Float64Array, v: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, t * c);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, t * c);
  for (let k = 0; k < n; k++) turn(v, k * n + p, k * n + q, c, t * c);
}

function turn(a: Float64Array, i: number, j: number, c: number, s: number): void {
  const [u, v] = [a[i]!, a[j]!];
  a[i] = c * u - s * v;
  a[j] = s * u + c * v;
}
