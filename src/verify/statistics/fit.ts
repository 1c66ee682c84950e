/** Weighted least squares of a few powers of 1/width: small, dense, solved directly. */

export interface PowerFit {
  /** One for each power, in the order given. */
  readonly coefficients: readonly number[];
  readonly standardErrors: readonly number[];
  /** Of the first coefficient: Σ_m combination[m] · values[m]. */
  readonly combination: readonly number[];
}

/**
 * Fits values[m] = Σ_p coefficient_p / widths[m]^p with weights 1/variances[m].
 * Needs at least as many distinct widths as powers; with as many it interpolates.
 * @derived normal equations in t = widths[0]/width, which keeps the columns of one size.
 */
export function fitPowers(
  widths: readonly number[],
  values: readonly number[],
  variances: readonly number[],
  powers: readonly number[],
): PowerFit {
  const unit = widths[0] as number;
  const rows = widths.map((m) => powers.map((p) => (unit / m) ** p));
  const least = Math.min(...variances);
  // Any weights give a valid fit; without a bound, those of wildly scattered means would make the equations singular.
  const weights = variances.map((v) => Math.max(least / v, leastWeight));
  const normal = powers.map((_, a) =>
    powers.map((_, b) => rows.reduce((s, row, m) => s + weights[m]! * row[a]! * row[b]!, 0)),
  );
  const inverse = inverted(normal);
  // coefficient_a = Σ_m shares[a][m] values[m]
  const shares = inverse.map((line) =>
    rows.map((row, m) => weights[m]! * line.reduce((s, value, b) => s + value * row[b]!, 0)),
  );
  const scales = powers.map((p) => unit ** p);
  return {
    coefficients: shares.map((share, a) => scales[a]! * share.reduce((s, c, m) => s + c * values[m]!, 0)),
    standardErrors: shares.map(
      (share, a) => scales[a]! * Math.sqrt(share.reduce((s, c, m) => s + c * c * variances[m]!, 0)),
    ),
    combination: shares[0]!.map((c) => c * scales[0]!),
  };
}

const leastWeight = 1e-8;

/** Gauss–Jordan with pivoting; the matrix is symmetric positive definite and at most 3 by 3. */
function inverted(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => (i === j ? 1 : 0))]);
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, k) => (Math.abs(row[c]!) > Math.abs(rows[best]![c]!) ? c + k : best), c);
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    const head = rows[c]![c]!;
    rows[c] = rows[c]!.map((v) => v / head);
    for (let r = 0; r < n; r++) {
      const factor = rows[r]![c]!;
      if (r !== c) rows[r] = rows[r]!.map((v, k) => v - factor * rows[c]![k]!);
    }
  }
  return rows.map((row) => row.slice(n));
}
