/** Tuples and errors of the tests of hierarchies. */

/** All tuples of indices of n samples. */
export const every = (n: number, order: number): readonly (readonly number[])[] =>
  Array.from({ length: n ** order }, (_, k) =>
    Array.from({ length: order }, (_, at) => Math.floor(k / n ** (order - 1 - at)) % n),
  );

/** Largest |got − expected| over the largest |expected|. */
export function worst(got: Float64Array, expected: Float64Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-300);
  return got.reduce((most, value, k) => Math.max(most, Math.abs(value - expected[k]!)), 0) / scale;
}
