import { requireFinite, requireMatrix } from './checks.ts';
import { tridiagonalise } from './householder.ts';
import { implicitQl, rotateColumns, type Step } from './implicitQl.ts';

export interface SymmetricEigen {
  /** Ascending, [n]. */
  readonly values: Float64Array;
  /** vectors[i k] = component i of eigenvector k, [n n], row-major: A = V diag(values) Vᵀ. */
  readonly vectors: Float64Array;
}

/** Steps whose rotations are kept before they are applied. */
const stepsAtOnce = 64;

/**
 * Eigen-decomposition of a symmetric matrix in float64, by Householder reflections and implicit QL. Errors of all
 * eigenvalues are some roundings of the largest. The matrix is left as it was; besides the result it takes n² numbers.
 * Throws NtkcError for an entry that is not finite.
 * @param matrix [n n], row-major; the diagonal and what is below it are read.
 */
export function symmetricEigen(matrix: Float64Array, n: number): SymmetricEigen {
  requireMatrix(matrix, n, 'symmetric matrix');
  requireFinite(matrix, n, 'symmetric matrix');
  const { scaled: v, scale } = scaledToOne(matrix);
  const tridiagonal = tridiagonalise(v, n);
  let steps: Step[] = [];
  for (const step of implicitQl(tridiagonal)) {
    steps.push(step);
    if (steps.length < stepsAtOnce) continue;
    rotateColumns(v, n, steps);
    steps = [];
  }
  rotateColumns(v, n, steps);
  const d = tridiagonal.diagonal;
  const order = Array.from({ length: n }, (_, k) => k).sort((k, l) => d[k]! - d[l]!);
  return {
    values: Float64Array.from(order, (k) => d[k]! * scale),
    vectors: withColumns(v, n, order),
  };
}

/** The matrix over a power of two, so that no square overflows and none that matters underflows. */
function scaledToOne(matrix: Float64Array): { readonly scaled: Float64Array; readonly scale: number } {
  const largest = matrix.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const scale = largest === 0 ? 1 : 2 ** Math.max(-1021, Math.min(1022, Math.floor(Math.log2(largest))));
  return { scaled: Float64Array.from(matrix, (v) => v / scale), scale };
}

function withColumns(v: Float64Array, n: number, order: readonly number[]): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let k = 0; k < n; k++) out[i * n + k] = v[i * n + order[k]!]!;
  return out;
}
