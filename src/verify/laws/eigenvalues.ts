/** Eigenvalues of a symmetric matrix [n n], ascending, by cyclic Jacobi rotations: for the small n of tests. */
export function eigenvalues(matrix: Float64Array, n: number): readonly number[] {
  const a = matrix.slice();
  for (let sweep = 0; sweep < 60 && offDiagonal(a, n) > 1e-30; sweep++)
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, n, p, q);
  return Array.from({ length: n }, (_, i) => a[i * n + i]!).sort((x, y) => x - y);
}

/** Squared weight of the off-diagonal, relative to the whole. */
function offDiagonal(a: Float64Array, n: number): number {
  const all = a.reduce((s, v) => s + v * v, 0);
  const diagonal = Array.from({ length: n }, (_, i) => a[i * n + i]! ** 2).reduce((s, v) => s + v, 0);
  return all === 0 ? 0 : (all - diagonal) / all;
}

/** Makes a[p q] zero: the angle of Golub and Van Loan, section 8.5. */
function rotate(a: Float64Array, n: number, p: number, q: number): void {
  const off = a[p * n + q]!;
  if (off === 0) return;
  const tau = (a[q * n + q]! - a[p * n + p]!) / (2 * off);
  const t = (tau >= 0 ? 1 : -1) / (Math.abs(tau) + Math.hypot(1, tau));
  const c = 1 / Math.hypot(1, t);
  const s = t * c;
  for (let k = 0; k < n; k++) turn(a, k * n + p, k * n + q, c, s);
  for (let k = 0; k < n; k++) turn(a, p * n + k, q * n + k, c, s);
}

function turn(a: Float64Array, i: number, j: number, c: number, s: number): void {
  const [u, v] = [a[i]!, a[j]!];
  a[i] = c * u - s * v;
  a[j] = s * u + c * v;
}
