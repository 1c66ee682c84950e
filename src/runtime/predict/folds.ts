import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { NtkcError } from '../../errors.ts';
import { streamOf } from '../empirical/random.ts';

/** Row numbers, each list in rising order. */
export interface Fold {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/**
 * k-fold split of n rows after a seeded shuffle (Fisher–Yates on xoroshiro128+). Each row is tested exactly once; fold
 * sizes differ by at most one; folds are not stratified by class. Throws NtkcError unless 2 <= folds <= n.
 */
export function kFold(n: number, folds: number, seed: number): readonly Fold[] {
  if (!Number.isInteger(folds) || folds < 2 || folds > n) {
    throw new NtkcError({
      what: `cannot split ${n} rows into ${folds} folds`,
      where: 'folds',
      expected: `an integer from 2 to ${n}`,
    });
  }
  const order = shuffled(n, seed);
  return Array.from({ length: folds }, (_, f) => {
    const [from, to] = [Math.floor((f * n) / folds), Math.floor(((f + 1) * n) / folds)];
    return {
      train: [...order.slice(0, from), ...order.slice(to)].sort((a, b) => a - b),
      test: order.slice(from, to).sort((a, b) => a - b),
    };
  });
}

function shuffled(n: number, seed: number): readonly number[] {
  const generator = streamOf(seed);
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = uniformInt(generator, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
