/** Expectation of the hierarchy over Gaussian initialisation, two layers. */
import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import { Expected, type ExpectedOptions, smoothedFamily } from './evaluate.ts';
import { checkedInputs, checkedTuples } from './inputs.ts';
import { twoLayers } from './twoLayers.ts';

export { neuronSum } from './contraction/neuronSum.ts';
export { type ContractionProblem, contractionProblem } from './contraction/problem.ts';
export { type ExpectedDerivation, twoLayerDerivation } from './derivation.ts';
export type { ExpectedOptions } from './evaluate.ts';

/**
 * width^(r/2−1) · E K_r at tuples of inputs, over the initialisation of a network of two layers: the NTK for r = 2,
 * width · E K_4 for r = 4, 0 for odd r. It holds at every width, for K_r is a sum over independent neurons. No sampling:
 * closed forms and integrals of one variable for the relu family, erf, gelu, Gaussians, sinusoids, exponentials and
 * polynomials, quadrature to 1e-9 for other smooth formulas. Near α = β a kink costs digits: 1e-16/angle².
 *
 * @eq lantk (15) and appendix B.3, in expectation
 * @param x inputs, rows of equal length
 * @param tuples indices into x; a tuple's length is its order
 * @returns one value a tuple
 * @throws NtkcError where the network has another form, the activation no rule, or coinciding inputs no value
 */
export function twoLayerExpectedHierarchy(
  network: Network,
  x: readonly ArrayLike<number>[],
  tuples: readonly (readonly number[])[],
  options: ExpectedOptions = {},
): Float64Array {
  const layers = twoLayers(network);
  checkedInputs(x, layers.features);
  checkedTuples(tuples, x.length);
  const { coincident = 'refuse', smoothing = 0, onExcluded } = options;
  const expected = new Expected(layers, smoothedFamily(layers, smoothing), x);
  let excluded = 0;
  const values = Float64Array.from(tuples, (tuple) => {
    if (tuple.length % 2 === 1) return 0;
    const value = coincident === 'exclude' ? expected.ifDefined(tuple) : expected.at(tuple);
    if (value === undefined) {
      excluded++;
      return 0;
    }
    if (Number.isFinite(value)) return value;
    throw new NtkcError({ what: `E K${tuple.length} overflows`, where: `tuple [${tuple.join(', ')}]` });
  });
  if (excluded > 0) onExcluded?.(excluded);
  return values;
}
