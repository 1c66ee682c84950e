/** A symmetric matrix as Q T Qᵀ with T tridiagonal. */

export interface Tridiagonal {
  /** [n]. */
  readonly diagonal: Float64Array;
  /** Entry i is beside diagonal entries i and i + 1, [n]; the last is 0. */
  readonly beside: Float64Array;
}

/**
 * Replaces a[n n], of which the diagonal and what is below it are read, by Q; gives T.
 * @derived Golub and Van Loan, Matrix Computations, section 8.3.1, from the last row up: row i before its diagonal becomes
 * (0, ..., 0, t) by the reflection 1 − u uᵀ/h; with p = A u/h and w = p − (uᵀp/2h) u the rest becomes A − u wᵀ − w uᵀ
 */
export function tridiagonalise(a: Float64Array, n: number): Tridiagonal {
  const [halves, beside, w] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  for (let i = n - 1; i > 0; i--) {
    const u = a.subarray(i * n, i * n + i);
    const { h, entry } = reflector(u);
    beside[i - 1] = entry;
    halves[i] = h;
    if (h !== 0) reflectBothSides(a, n, u, h, w);
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!);
  for (let i = 0; i < n; i++) reflectInto(a, n, i, halves[i]!, w);
  return { diagonal, beside };
}

/** Makes a row the u of its reflection; h = uᵀu/2 and the entry that is left of the row. h = 0 where nothing is to be done. */
function reflector(u: Float64Array): { readonly h: number; readonly entry: number } {
  const last = u.length - 1;
  let scale = 0;
  for (let k = 0; k < last; k++) scale += Math.abs(u[k]!);
  const end = u[last]!;
  if (scale === 0) return { h: 0, entry: end };
  scale += Math.abs(end);
  let square = 0;
  for (let k = 0; k <= last; k++) {
    const v = u[k]! / scale;
    u[k] = v;
    square += v * v;
  }
  const root = u[last]! >= 0 ? -Math.sqrt(square) : Math.sqrt(square);
  const h = square - u[last]! * root;
  u[last]! -= root;
  return { h, entry: scale * root };
}

/** A − u wᵀ − w uᵀ for the rows above that of u. */
function reflectBothSides(a: Float64Array, n: number, u: Float64Array, h: number, w: Float64Array): void {
  const size = u.length;
  w.fill(0, 0, size);
  // w = A u from the lower triangle, each entry read once.
  for (let j = 0; j < size; j++) {
    const [row, uj] = [j * n, u[j]!];
    let sum = a[row + j]! * uj;
    for (let k = 0; k < j; k++) {
      const v = a[row + k]!;
      sum += v * u[k]!;
      w[k]! += v * uj;
    }
    w[j]! += sum;
  }
  let product = 0;
  for (let j = 0; j < size; j++) {
    w[j]! /= h;
    product += w[j]! * u[j]!;
  }
  for (let j = 0; j < size; j++) w[j]! -= (product / (2 * h)) * u[j]!;
  for (let j = 0; j < size; j++) {
    const [row, uj, wj] = [j * n, u[j]!, w[j]!];
    for (let k = 0; k <= j; k++) a[row + k]! -= uj * w[k]! + wj * u[k]!;
  }
}

/** Q of the first i rows, from the left times reflection i, which row i holds; row and column i become those of 1. */
function reflectInto(q: Float64Array, n: number, i: number, h: number, sums: Float64Array): void {
  const at = i * n;
  if (h !== 0) {
    sums.fill(0, 0, i);
    for (let k = 0; k < i; k++) {
      const [row, uk] = [k * n, q[at + k]!];
      for (let j = 0; j < i; j++) sums[j]! += uk * q[row + j]!;
    }
    for (let k = 0; k < i; k++) {
      const [row, c] = [k * n, q[at + k]! / h];
      for (let j = 0; j < i; j++) q[row + j]! -= c * sums[j]!;
    }
  }
  q.fill(0, at, at + i);
  q[at + i] = 1;
  for (let k = 0; k < i; k++) q[k * n + i] = 0;
}
