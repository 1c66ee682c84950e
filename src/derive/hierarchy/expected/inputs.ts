import { NtkcError } from '../../../errors.ts';

/** @throws NtkcError where a row has another length than the network's input, or an entry is no finite number */
export function checkedInputs(x: readonly ArrayLike<number>[], features: number): void {
  x.forEach((row, i) => {
    if (row.length !== features)
      throw new NtkcError({ what: `a row has ${row.length} entries`, where: `x[${i}]`, expected: `${features}` });
    for (let d = 0; d < features; d++)
      if (!Number.isFinite(row[d]))
        throw new NtkcError({ what: `${row[d]} is not a finite number`, where: `x[${i}][${d}]` });
  });
}

/** Orders with an expectation here: above 4 it would need orthant probabilities of more than four points. */
const largestOrder = 4;

/** @throws NtkcError where a tuple is too short, too long, or has an index that is none of x */
export function checkedTuples(tuples: readonly (readonly number[])[], count: number): void {
  tuples.forEach((tuple, t) => {
    const where = `tuples[${t}]`;
    if (tuple.length < 2)
      throw new NtkcError({ what: `a tuple of ${tuple.length}: the hierarchy begins at order 2`, where });
    if (tuple.length > largestOrder && tuple.length % 2 === 0)
      throw new NtkcError({
        what: `the expectation of K${tuple.length} is not known`,
        where,
        expected: `order 2, 3 or ${largestOrder} (odd orders are zero)`,
      });
    tuple.forEach((index, k) => {
      if (!Number.isInteger(index) || index < 0 || index >= count)
        throw new NtkcError({
          what: `${index} is not an index into x`,
          where: `${where}[${k}]`,
          expected: `0 to ${count - 1}`,
        });
    });
  });
}

/** @throws NtkcError where C is not [n n], or an entry is no finite number */
export function checkedWeights(weights: Float64Array, n: number): void {
  if (weights.length !== n * n)
    throw new NtkcError({
      what: `the weights have ${weights.length} entries`,
      expected: `${n * n}, one for each γ and ξ of ${n} inputs`,
    });
  const at = weights.findIndex((v) => !Number.isFinite(v));
  if (at >= 0)
    throw new NtkcError({
      what: `${weights[at]} is not a finite number`,
      where: `weights[${Math.floor(at / n)}][${at % n}]`,
    });
}
