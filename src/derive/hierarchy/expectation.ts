/** Expectation of the hierarchy over Gaussian initialisation, at any depth. */
import type { Network } from '../../ir/arch/index.ts';
import { finiteNetwork } from '../finite.ts';
import { type DeepDerivation, deepDerivation, deepExpectedHierarchy } from './deep/index.ts';
import {
  type ExpectedDerivation,
  type ExpectedOptions,
  twoLayerDerivation,
  twoLayerExpectedHierarchy,
} from './expected/index.ts';

/**
 * width^(r/2−1) · E K_r at tuples of inputs, at initialisation: the NTK for r = 2, width · E K_4 for r = 4, 0 for odd r.
 * For two layers it holds at every width; for more it is the limit of large widths, so E K_4 at order 1/width.
 *
 * @eq lantk (15) and appendix B.3, in expectation
 * @param x inputs, rows of equal length
 * @param tuples indices into x; a tuple's length is its order
 * @returns one value a tuple
 * @throws NtkcError where layers do not follow one another, the activation has no rule, or coinciding inputs no value
 */
export function expectedHierarchy(
  network: Network,
  x: readonly ArrayLike<number>[],
  tuples: readonly (readonly number[])[],
  options: ExpectedOptions = {},
): Float64Array {
  const expected = isDeep(network) ? deepExpectedHierarchy : twoLayerExpectedHierarchy;
  return expected(network, x, tuples, options);
}

/**
 * The derivation behind it: for two layers the calculus of expectations, rule by rule, at distinct inputs; for more, what
 * each layer leaves to the ones below, for an activation of any form.
 * @throws NtkcError as expectedHierarchy does for the network
 */
export const expectedDerivation = (network: Network, order: 2 | 4 = 4): ExpectedDerivation | DeepDerivation =>
  isDeep(network) ? deepDerivation(network, order) : twoLayerDerivation(network, order);

/** Also networks that are no chain, of which `readMlp` says so. */
const isDeep = (network: Network): boolean => {
  const { nodes } = finiteNetwork(network, { width: 1, outputs: 1 });
  return nodes.map(({ kind }) => kind).join() !== 'input,dense,elementwise,dense';
};
