/** Running mean and standard error of arrays, entry by entry: Welford's recurrence, stable for any mean. */

export interface Moments {
  readonly mean: Float64Array;
  /** Standard error of the mean: √(Σ (v − mean)² / ((samples − 1) samples)). */
  readonly standardError: Float64Array;
  readonly samples: number;
}

export interface MomentsAccumulator {
  readonly add: (values: Float64Array) => void;
  /** What has been added so far; needs at least two additions. */
  readonly result: () => Moments;
}

export function accumulateMoments(length: number): MomentsAccumulator {
  const mean = new Float64Array(length);
  const squares = new Float64Array(length);
  let samples = 0;
  const add = (values: Float64Array) => {
    samples += 1;
    for (let k = 0; k < length; k++) {
      const delta = values[k]! - mean[k]!;
      mean[k] = mean[k]! + delta / samples;
      squares[k] = squares[k]! + delta * (values[k]! - mean[k]!);
    }
  };
  const result = () => ({
    mean: mean.slice(),
    standardError: squares.map((sum) => Math.sqrt(sum / ((samples - 1) * samples))),
    samples,
  });
  return { add, result };
}
