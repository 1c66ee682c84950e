/** Laws of every Gram matrix. */
import { symmetricEigen } from '../../runtime/solve/symmetricEigen.ts';
import { tolerances } from '../tolerances.ts';
import { compareGrams, type Law, type LawContext, rootsOf } from './law.ts';
import { roundingBound } from './rounding.ts';

const perKernel =
  (
    f: (context: LawContext, kernel: LawContext['kernels'][number]) => Promise<Awaited<ReturnType<Law['run']>>[number]>,
  ) =>
  async (context: LawContext) => {
    const found = [];
    for (const kernel of context.kernels) found.push(await f(context, kernel));
    return found;
  };

const symmetric: Law = {
  name: 'symmetric',
  checks: "K(x, x') = K(x', x), both computed",
  source: 'definition of a kernel',
  run: perKernel(async (context, kernel) => {
    const { gramOf, x } = context;
    const full = await gramOf(kernel, { paired: true });
    const transposed = full.map((_, e) => full[(e % x.n) * x.n + Math.floor(e / x.n)]!);
    const { bound } = tolerances.symmetry;
    const plain = compareGrams(kernel, full, transposed, x.n, () => bound);
    if (plain.error <= bound) return plain;
    const [rounding, root] = [await roundingBound(context, kernel), rootsOf(full, x.n)];
    const allowed = (i: number, j: number) => bound + (2 * rounding[i * x.n + j]!) / (root[i]! * root[j]!);
    return compareGrams(kernel, full, transposed, x.n, allowed);
  }),
};

const semidefinite: Law = {
  name: 'positive semi-definite',
  checks: 'no eigenvalue of the Gram matrix is negative (nor of the weighted kernel where no weight is)',
  source: 'a covariance, and sums of products of covariances (Schur)',
  run: async (context) => {
    const { gramOf, x, kernels, layerWeights } = context;
    const found = [];
    for (const kernel of kernels) {
      if (kernel === 'wntk' && layerWeights.some((w) => w < 0)) continue;
      const { values } = symmetricEigen(await gramOf(kernel), x.n);
      const [least, most] = [values[0]!, values.at(-1)!];
      const error = most === 0 && least === 0 ? 0 : Math.max(0, -least / Math.abs(most));
      const { bound } = tolerances.semidefinite;
      found.push({ subject: kernel, error, allowed: bound, at: `smallest eigenvalue ${least.toPrecision(3)}` });
    }
    return found;
  },
};

/** Whether samples draw noise of their own (dropout): it is on the diagonal alone. */
const isNoisy = ({ derive, network, vocabulary }: LawContext): boolean =>
  derive(network, 'nngp', { vocabulary }).steps.some((s) => s.noisy);

const bothPaths = perKernel(async ({ gramOf, x }, kernel) => {
  const [analytic, paired] = [await gramOf(kernel), await gramOf(kernel, { paired: true })];
  return compareGrams(kernel, analytic, paired, x.n, () => tolerances.diagonal.bound);
});

const diagonal: Law = {
  name: 'diagonal path',
  checks: "K(x, x) from the formula of the diagonal equals K(x, x') at x' = x",
  source: '@derived: two programs for one value',
  run: async (context) => (isNoisy(context) ? [] : bothPaths(context)),
};

export const gramLaws: readonly Law[] = [symmetric, semidefinite, diagonal];
