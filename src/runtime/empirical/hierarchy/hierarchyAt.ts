/** K_r of a finite network at tuples of samples: the tree level of the neural tangent hierarchy. */
import { NtkcError } from '../../../errors.ts';
import { sampleSize, type TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { unitCotangents } from '../backward.ts';
import { forward, SCALE_ADVICE } from '../forward.ts';
import { outputWidth } from '../outputWidth.ts';
import type { Parameters } from '../parameters.ts';
import { contraction, type GradientAt } from './contraction.ts';
import { directionalGradient } from './gradient.ts';
import { cutTreesOf } from './plan.ts';
import { requireTuples } from './tuples.ts';

export interface HierarchyOptions {
  /** The output unit f. Default: 0. */
  readonly output?: number;
  /** For vectors kept between tuples; what does not fit is computed again. Default: 256 MiB. */
  readonly memoryLimitBytes?: number;
  /** Called now and then with the number of tuples done. */
  readonly onProgress?: (done: number, total: number) => void;
}

const TUPLES_PER_REPORT = 64;

/**
 * K_r(x_t0, .., x_t(r−1)) for each tuple t of sample indices, its length r >= 2 being the order: K_2 = ⟨∇f, ∇f⟩ is the
 * empirical NTK and K_{r+1} = ⟨∇K_r, ∇f⟩, over the raw parameters W and b. Tuples may differ in length. Where an
 * activation has kinks its derivatives are pointwise, without the delta functions at the kinks. Masks of dropout are their
 * mean, 1.
 * @param x samples, [n, sampleSize], as `forward` takes them.
 * @throws NtkcError for a tuple or output that does not exist, an order above MAX_ORDER, a value that is not finite.
 * @eq lantk (3) and Appendix B.1
 */
export function hierarchyAt(
  program: TensorProgram,
  parameters: Parameters,
  x: Float64Array,
  n: number,
  tuples: readonly (readonly number[])[],
  options: HierarchyOptions = {},
): Float64Array {
  const { output = 0, memoryLimitBytes = 2 ** 28, onProgress } = options;
  const size = sampleSize(program);
  forward(program, parameters, x, n); // for its checks
  unitCotangents(outputWidth(program), 1, [output]);
  requireTuples(tuples, n);
  const sample = (index: number) => x.subarray(index * size, (index + 1) * size);
  const gradient: GradientAt = (index, directions) =>
    directionalGradient({ program, parameters, directions }, sample(index), output);
  const contract = contraction(program, gradient, memoryLimitBytes);
  const values = Float64Array.from(tuples, (tuple, k) => {
    if (k % TUPLES_PER_REPORT === 0) onProgress?.(k, tuples.length);
    return cutTreesOf(tuple.length).reduce((sum, tree) => sum + contract(tree, tuple), 0);
  });
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) {
    throw new NtkcError({
      what: `K${tuples[at]!.length} is not finite (${values[at]})`,
      where: `tuples[${at}]`,
      next: SCALE_ADVICE,
    });
  }
  return values;
}
