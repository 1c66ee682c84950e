/** Means and standard deviations of the columns of the rows it was fitted on. */
export interface Standardisation {
  readonly mean: Float64Array;
  /** Standard deviation (divided by n, not n − 1); 1 for a constant column. */
  readonly std: Float64Array;
}

/** Fits on x[n d], row-major. A column counts as constant if its deviation is lost in the rounding of its values. */
export function fitStandardisation(x: Float64Array, n: number, d: number): Standardisation {
  const mean = new Float64Array(d);
  const std = new Float64Array(d);
  for (let k = 0; k < d; k++) {
    let largest = 0;
    for (let i = 0; i < n; i++) largest = Math.max(largest, Math.abs(x[i * d + k]!));
    // In units of the largest value, so that sums and squares of huge values stay finite.
    const unit = largest > 0 ? largest : 1;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += x[i * d + k]! / unit;
    const average = sum / n;
    let squares = 0;
    for (let i = 0; i < n; i++) squares += (x[i * d + k]! / unit - average) ** 2;
    const deviation = Math.sqrt(squares / n);
    mean[k] = average * unit;
    std[k] = deviation > n * Number.EPSILON && deviation * unit > 0 ? deviation * unit : 1;
  }
  return { mean, std };
}

/** No change: for kernels that should see the features as they are. */
export const noStandardisation = (d: number): Standardisation => ({
  mean: new Float64Array(d),
  std: new Float64Array(d).fill(1),
});

/** (x[n d] − mean[d]) / std[d], a new array. */
export function standardise(x: Float64Array, { mean, std }: Standardisation): Float64Array {
  const d = mean.length;
  return x.map((v, at) => (v - mean[at % d]!) / std[at % d]!);
}
