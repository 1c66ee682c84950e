/** Moments of any smooth activation: the trapezoidal rule in all dimensions but one, a table for the last. */
import { NtkcError } from '../../../errors.ts';
import { compileScalar, derivative, type Expr, printScalar } from '../../../ir/scalar/index.ts';
import type { Moments } from './moments.ts';
import { smoothTable, type Table } from './smoothTable.ts';

/** Derivatives of φ that K_2 to K_4 read. */
const derivatives = 4;

/** Standard deviations beyond which nothing counts: the density is 1e-16 there. */
const reach = 8.5;

/** Spacings tried in turn, in standard deviations. The error of the rule falls like exp(−c/spacing). */
const spacings = [0.5, 0.36, 0.26, 0.18, 0.13, 0.09, 0.065];

/** Change from one spacing to the next that is accepted: the error ε of the wider one is ε^1.4 with the finer. */
const accepted = 1e-7;

type Scalar = (u: number) => number;

/**
 * E Π φ^(p_k)(u_k), u = L z, for all p_k < 4 at once.
 * @derived E over the last z of φ^(p)(m + L z) is a function of m alone, so it is tabulated; the other z, one a factor,
 * are summed on a grid: the trapezoidal rule, which converges geometrically for analytic integrands.
 * @throws NtkcError where no spacing resolves φ, or an expectation overflows
 */
export function smoothMoments(phi: Expr, covariance: Float64Array): Moments {
  const functions = Array.from(
    { length: derivatives },
    (_, p): Scalar => compileScalar(derivative(phi, 'x', p), ['x']),
  );
  const rows = choleskyRows(covariance);
  let tensor: Float64Array | undefined;
  return (factors) => {
    tensor ??= resolved(phi, functions, rows);
    const orders = new Array<number>(rows.length).fill(0);
    for (const { slot, order } of factors) orders[slot] = order;
    return tensor[orders.reduce((index, p) => index * derivatives + p, 0)] as number;
  };
}

function resolved(phi: Expr, functions: readonly Scalar[], rows: readonly Float64Array[]): Float64Array {
  const last = rows[rows.length - 1] as Float64Array;
  const own = last[rows.length - 1] as number;
  const tables = [
    smoothTable(functions, 0, reach * Math.max(...rows.map((row) => Math.hypot(...row)))),
    smoothTable(functions, own, reach * Math.hypot(...last.subarray(0, -1))),
  ] as const;
  const [plain, smoothed] = tables;
  let coarse: Float64Array | undefined;
  for (const spacing of spacings) {
    if (plain === undefined || smoothed === undefined) break;
    const fine = tensorAt(plain, smoothed, rows, spacing);
    if (coarse !== undefined && change(coarse, fine, rows.length) <= accepted) return fine;
    coarse = fine;
  }
  throw new NtkcError({
    what: `expectations of ${printScalar(phi)} and its derivatives are not resolved by quadrature`,
    expected: 'a smooth activation, without steep steps on the scale of its inputs, whose moments are finite',
    next: 'Use smaller inputs or wStd.',
  });
}

/** tensor[p_0 ... p_{r−1}] = E Π φ^(p_k)(u_k), row by row, from tables of φ^(p) and of its mean over the last z. */
function tensorAt(plain: Table, smoothed: Table, rows: readonly Float64Array[], spacing: number): Float64Array {
  const r = rows.length;
  const count = Math.floor(reach / spacing);
  const tensor = new Float64Array(derivatives ** r);
  const z = new Float64Array(r);
  // products[depth][p_0 ... p_depth] of the factors already fixed, with their weights
  const products = rows.map((_, k) => new Float64Array(derivatives ** (k + 1)));
  const values = new Float64Array(derivatives);
  const visit = (k: number, square: number, weight: number): void => {
    const row = rows[k] as Float64Array;
    let mean = 0;
    for (let j = 0; j < k; j++) mean += (row[j] as number) * (z[j] as number);
    const own = row[k] as number;
    const isLast = k === r - 1;
    const side = own === 0 || isLast ? 0 : count;
    for (let i = -side; i <= side; i++) {
      z[k] = i * spacing;
      const total = square + (z[k] as number) ** 2;
      if (total > reach * reach) continue;
      const here = side === 0 ? weight : weight * spacing * Math.exp(-((z[k] as number) ** 2) / 2) * density;
      (isLast ? smoothed : plain)(mean + (isLast ? 0 : own * (z[k] as number)), values);
      multiply(products[k - 1], values, isLast ? here : 1, isLast ? tensor : (products[k] as Float64Array), isLast);
      if (!isLast) visit(k + 1, total, here);
    }
  };
  visit(0, 0, 1);
  return tensor;
}
const density = 1 / Math.sqrt(2 * Math.PI);

/** out[i p] = weight · before[i] · values[p], or added to it. */
function multiply(
  before: Float64Array | undefined,
  values: Float64Array,
  weight: number,
  out: Float64Array,
  adds: boolean,
) {
  const length = before?.length ?? 1;
  for (let i = 0; i < length; i++) {
    const b = weight * (before === undefined ? 1 : (before[i] as number));
    for (let p = 0; p < derivatives; p++) {
      const at = i * derivatives + p;
      out[at] = (adds ? (out[at] as number) : 0) + b * (values[p] as number);
    }
  }
}

/** The largest change of an entry that a kernel of this order reads, relative to the largest of them; NaN is infinite. */
function change(a: Float64Array, b: Float64Array, order: number): number {
  let [largest, size] = [0, 0];
  b.forEach((value, index) => {
    let total = 0;
    for (let k = 0, rest = index; k < order; k++, rest = Math.floor(rest / derivatives)) total += rest % derivatives;
    if (total > 2 * order - 2) return;
    const difference = Math.abs(value - (a[index] as number));
    largest = difference <= largest ? largest : difference;
    size = Math.max(size, Math.abs(value));
  });
  return Number.isNaN(largest) || !Number.isFinite(size) ? Number.POSITIVE_INFINITY : largest / size;
}

/** Rows of L with L Lᵀ = S; a pre-activation that the ones before it fix gets a zero on the diagonal. */
function choleskyRows(covariance: Float64Array): readonly Float64Array[] {
  const n = Math.sqrt(covariance.length);
  const rows = Array.from({ length: n }, () => new Float64Array(n));
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [rows[i] as Float64Array, rows[j] as Float64Array];
      const s = covariance[i * n + j] as number;
      let rest = s;
      for (let k = 0; k < j; k++) rest -= (a[k] as number) * (b[k] as number);
      if (i === j) a[i] = rest > 1e-14 * s ? Math.sqrt(rest) : 0;
      else a[j] = b[j] === 0 ? 0 : rest / (b[j] as number);
    }
  return rows;
}
