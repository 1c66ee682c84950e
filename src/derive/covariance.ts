import { NtkcError } from '../errors.ts';
import { differentiate, type Expr, mul, substitute, sym } from '../ir/scalar/index.ts';
import type { CovarianceRule, Kernel } from '../ops/op.ts';
import { onDiagonal, onPair } from './formulas.ts';
import type { ProgramBuilder } from './programBuilder.ts';
import { isCentred, type State } from './state.ts';

/** K ← κ(q, q', K) and T ← T · ∂κ/∂K, for an op that is no activation; noise of a sample's own shows on the diagonal. */
export function applyCovariance(
  b: ProgramBuilder,
  { kappa, noisyKappa, averaged }: CovarianceRule,
  k: Kernel,
  tangents: State['tangents'],
): Pick<State, 'nngp' | 'tangents'> {
  const index = b.next('sigmaBar');
  if (averaged !== undefined && k.present !== undefined)
    throw new NtkcError({
      what: 'an average of variances over positions of which some are masked is not supported',
      expected: 'layerNorm over the neurons alone, axes [-1]',
    });
  const isNoisy = noisyKappa !== undefined;
  const { extents } = k;
  const variance = averaged === undefined || extents === undefined ? k.self : b.average(k.self, extents, averaged);
  const at = (formula: Expr, noisy: Expr | undefined): Kernel => ({
    pair: onPair(formula, k.pair, variance),
    self:
      noisy === undefined ? onDiagonal(formula, k.self, variance) : substitute(noisy, new Map([[sym('q1'), k.self]])),
    ...(k.full && extents && { full: onPair(formula, k.full, variance), extents }),
    ...(k.present && { present: k.present }),
  });
  const nngp = b.name('sigmaBar', index, at(kappa, noisyKappa), undefined, isNoisy);
  const factor = at(differentiate(kappa, 'k'), noisyKappa && differentiate(noisyKappa, 'q1'));
  const carried = [...tangents].map(([of, t]) => {
    const name = of === 'all' ? undefined : Number(of);
    return [of, b.name('thetaBar', index, b.lift([t, factor], mul), name, isNoisy)] as const;
  });
  return { nngp, tangents: new Map(carried) };
}

/** @throws NtkcError where the input's neurons are not what the rule needs */
export function requireInput(op: string, { needs, because }: CovarianceRule, { notGaussian, origins }: State): void {
  const not = (adjective: string, expected: string) =>
    new NtkcError({
      what: `${op}: its input is not ${adjective} (it follows ${placesOf(notGaussian, origins)}), ${because}`,
      expected,
      next: 'Insert dense().',
    });
  const list = [...origins];
  if (needs === 'gaussian' && notGaussian.length > 0)
    throw not('Gaussian', 'a dense or conv, or a sum of such, before it');
  if (needs === 'centred' && !list.every(isCentred))
    throw not('of mean zero', 'a dense, or sums, products and concatenations of such, before it');
  if (needs === 'hidden' && list.some((o) => o.given === 'input'))
    throw not('a hidden layer', 'a layer with parameters before it');
}

/** Where a value that is not Gaussian comes from. */
export const placesOf = (notGaussian: readonly string[], origins: State['origins']): string =>
  [...(notGaussian.length > 0 ? notGaussian : [...origins].map((o) => o.path))].join(', ');
