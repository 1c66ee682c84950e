/** Central differences taken to step 0, with an error that comes from the steps themselves. */

export interface Extrapolated {
  readonly value: number;
  /** Estimated: what extrapolation last changed, rounding over the step, and what shorter steps say against it. */
  readonly error: number;
}

interface Entry extends Extrapolated {
  /** The bound on its rounding. */
  readonly rounding: number;
}

/**
 * Richardson's extrapolation of D(h), D(h/2), D(h/4), ..., D even in h; of the whole tableau the entry whose estimated
 * error is least, so that steps too long (truncation) and too short (rounding) drop out by themselves.
 * @derived T[k][j] = T[k][j−1] + (T[k][j−1] − T[k−1][j−1])/(4^j − 1); Ridders' estimate of its error, plus the roundings
 * of the differences by the same weights; at steps so long that D is merely small the entries agree with each other, but
 * not with shorter steps
 * @param roundings bound on the rounding error of each difference
 */
export function extrapolate(differences: readonly number[], roundings: readonly number[]): Extrapolated {
  const nothing = { value: differences[0] ?? Number.NaN, error: Number.POSITIVE_INFINITY };
  const rows = tableau(differences, roundings);
  const entries = rows.flatMap((row, k) =>
    row.map(({ value, error }) => ({
      value,
      error: Math.max(error, contradiction(value, differences.slice(k), roundings.slice(k))),
    })),
  );
  return entries.reduce((best, entry) => (entry.error < best.error ? entry : best), nothing);
}

function tableau(differences: readonly number[], roundings: readonly number[]): readonly (readonly Entry[])[] {
  const rows: (readonly Entry[])[] = [];
  differences.forEach((difference, k) => {
    const row: Entry[] = [{ value: difference, error: Number.POSITIVE_INFINITY, rounding: roundings[k]! }];
    for (let j = 1; j <= k; j++) {
      const [left, above] = [row[j - 1]!, rows[k - 1]![j - 1]!];
      const weight = 1 / (4 ** j - 1);
      const value = left.value + weight * (left.value - above.value);
      const rounding = left.rounding + weight * (left.rounding + above.rounding);
      const change = Math.max(Math.abs(value - left.value), Math.abs(value - above.value));
      row.push({ value, error: change + rounding, rounding });
    }
    rows.push(row);
  });
  return rows;
}

/** How far a value is from the differences of shorter steps, beyond what these still change by and round to. */
const contradiction = (value: number, shorter: readonly number[], roundings: readonly number[]): number =>
  shorter.reduce((worst, difference, m) => {
    if (m === 0) return worst;
    const known = Math.abs(difference - shorter[m - 1]!) + roundings[m]! + roundings[m - 1]!;
    return Math.max(worst, Math.abs(value - difference) - known);
  }, 0);
