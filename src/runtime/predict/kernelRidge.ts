import { NtkcError } from '../../errors.ts';
import { firstNonFinite } from '../solve/checks.ts';
import { factorise } from '../solve/factorise.ts';
import { product } from '../solve/product.ts';

/** `absolute`: λ = value. `relative`: λ = value · trace(K)/n. */
export interface Ridge {
  readonly kind: 'absolute' | 'relative';
  readonly value: number;
}

export interface RidgeProblem {
  /** K[n n], row-major, symmetric. */
  readonly gram: Float64Array;
  /** Y[n o], row-major. */
  readonly targets: Float64Array;
  readonly n: number;
  readonly outputs: number;
  readonly ridge: Ridge;
}

export interface RidgeSolution {
  /** alpha[n o] = (K + λI)⁻¹ Y, row-major. */
  readonly alpha: Float64Array;
  readonly outputs: number;
  /** The λ that was added to the diagonal. */
  readonly lambda: number;
}

/**
 * Kernel ridge regression in float64, by Cholesky on all threads. Throws NtkcError for a negative ridge, a Gram matrix that is
 * singular with this ridge, and entries that are not finite.
 *
 * @eq wntk-tan2021 (17), with a ridge
 */
export async function kernelRidge({ gram, targets, n, outputs, ridge }: RidgeProblem): Promise<RidgeSolution> {
  const lambda = lambdaOf(ridge, gram, n);
  const factor = await factorise(gram, n, { shift: lambda, name: 'kernel matrix of the training inputs' });
  return { alpha: await factor.solve(targets, outputs), outputs, lambda };
}

/** f[m o] = Σ_n kTestTrain[m n] alpha[n o], row-major. Throws NtkcError if a kernel value is not finite. */
export async function predictRidge(kTestTrain: Float64Array, { alpha, outputs }: RidgeSolution): Promise<Float64Array> {
  const n = alpha.length / outputs;
  const m = kTestTrain.length / n;
  if (!Number.isInteger(m)) {
    throw new NtkcError({
      what: `the test kernel has ${kTestTrain.length} entries`,
      expected: `rows of ${n} training inputs`,
    });
  }
  const at = firstNonFinite(kTestTrain);
  if (at >= 0) throw notFinite(kTestTrain[at]!, Math.floor(at / n), at % n);
  return product(kTestTrain, alpha, { rows: m, inner: n, columns: outputs });
}

function requireRidge({ kind, value }: Ridge): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new NtkcError({ what: `the ${kind} ridge is ${value}`, where: 'ridge', expected: 'a finite number >= 0' });
}

function lambdaOf(ridge: Ridge, gram: Float64Array, n: number): number {
  requireRidge(ridge);
  if (ridge.kind === 'absolute') return ridge.value;
  let trace = 0;
  for (let i = 0; i < n; i++) trace += gram[i * n + i]!;
  return (ridge.value * trace) / n;
}

const notFinite = (value: number, i: number, j: number) =>
  new NtkcError({
    what: `the test kernel holds ${value}`,
    where: `test input ${i}, training input ${j} (counted from 0)`,
    expected: 'finite numbers',
    next: 'Look for huge values in these two inputs; standardise the features.',
  });
