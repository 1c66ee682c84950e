/** Eigenvalues of a tridiagonal matrix by QL steps with implicit shifts; their rotations, for the eigenvectors. */
import type { Tridiagonal } from './householder.ts';

/**
 * One step: rotations of columns i and i + 1, i from `last` down to `first`. Column i + 1 becomes s·(column i) + c·(column
 * i + 1), column i c·(column i) − s·(column i + 1).
 */
export interface Step {
  readonly first: number;
  readonly last: number;
  /** c and s of rotation `last`, then of the one before, and so on, interleaved. */
  readonly rotations: Float64Array;
}

/** Each eigenvalue takes one or two steps, rarely more. */
const mostSteps = 100;

/**
 * Replaces the diagonal by the eigenvalues, in no order, and what is beside it by zeros; yields each step.
 * @derived Golub and Van Loan, Matrix Computations, section 8.3.3, from the last row up (QL instead of QR), the shift being
 * the eigenvalue of the first two rows that is nearer to the first
 */
export function* implicitQl({ diagonal: d, beside: e }: Tridiagonal): Generator<Step> {
  const n = d.length;
  for (let first = 0; first < n; first++)
    for (let steps = 0; ; steps++) {
      const end = firstSplit(d, e, first);
      if (end === first) break;
      if (steps === mostSteps) throw new Error(`ntkc bug: eigenvalue ${first} of ${n} took ${steps} steps`);
      yield qlStep(d, e, first, end);
    }
}

/** The first row from `first` whose entry beside the diagonal is rounding. */
function firstSplit(d: Float64Array, e: Float64Array, first: number): number {
  let m = first;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(d[m]!) + Math.abs(d[m + 1]!);
    if (Math.abs(e[m]!) <= (Number.EPSILON / 2) * size + Number.MIN_VALUE) break;
  }
  return m;
}

function qlStep(d: Float64Array, e: Float64Array, first: number, end: number): Step {
  const rotations = new Float64Array(2 * (end - first));
  const half = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  let g = d[end]! - d[first]! + e[first]! / (half + (half >= 0 ? 1 : -1) * Math.hypot(half, 1));
  let [s, c, p] = [1, 1, 0];
  for (let i = end - 1; i >= first; i--) {
    const [f, b] = [s * e[i]!, c * e[i]!];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      // A rotation of zeros: the matrix falls apart here.
      d[i + 1]! -= p;
      e[end] = 0;
      return { first: i + 1, last: end - 1, rotations };
    }
    s = f / r;
    c = g / r;
    g = d[i + 1]! - p;
    const t = (d[i]! - g) * s + 2 * c * b;
    p = s * t;
    d[i + 1] = g + p;
    g = c * t - b;
    const at = 2 * (end - 1 - i);
    rotations[at] = c;
    rotations[at + 1] = s;
  }
  d[first]! -= p;
  e[first] = g;
  e[end] = 0;
  return { first, last: end - 1, rotations };
}

/** Applies steps to the columns of v[n n], four rows at a time: they stay in the first-level cache for all the steps. */
export function rotateColumns(v: Float64Array, n: number, steps: readonly Step[]): void {
  let row = 0;
  for (; row + 4 <= n; row += 4) for (const step of steps) rotateFourRows(v, n, row, step);
  for (; row < n; row++) for (const step of steps) rotateRow(v, row * n, step);
}

function rotateRow(v: Float64Array, row: number, { first, last, rotations }: Step): void {
  let carried = v[row + last + 1]!;
  for (let i = last, at = 0; i >= first; i--, at += 2) {
    const [c, s, x] = [rotations[at]!, rotations[at + 1]!, v[row + i]!];
    v[row + i + 1] = s * x + c * carried;
    carried = c * x - s * carried;
  }
  v[row + first] = carried;
}

function rotateFourRows(v: Float64Array, n: number, row: number, { first, last, rotations }: Step): void {
  const r0 = row * n;
  const [r1, r2, r3] = [r0 + n, r0 + 2 * n, r0 + 3 * n];
  let k0 = v[r0 + last + 1]!;
  let k1 = v[r1 + last + 1]!;
  let k2 = v[r2 + last + 1]!;
  let k3 = v[r3 + last + 1]!;
  for (let i = last, at = 0; i >= first; i--, at += 2) {
    const c = rotations[at]!;
    const s = rotations[at + 1]!;
    const x0 = v[r0 + i]!;
    const x1 = v[r1 + i]!;
    const x2 = v[r2 + i]!;
    const x3 = v[r3 + i]!;
    v[r0 + i + 1] = s * x0 + c * k0;
    v[r1 + i + 1] = s * x1 + c * k1;
    v[r2 + i + 1] = s * x2 + c * k2;
    v[r3 + i + 1] = s * x3 + c * k3;
    k0 = c * x0 - s * k0;
    k1 = c * x1 - s * k1;
    k2 = c * x2 - s * k2;
    k3 = c * x3 - s * k3;
  }
  v[r0 + first] = k0;
  v[r1 + first] = k1;
  v[r2 + first] = k2;
  v[r3 + first] = k3;
}
