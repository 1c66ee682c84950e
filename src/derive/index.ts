import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import { type KernelName, kernelNames } from '../ir/program/index.ts';
import type { Derivation } from './derivation.ts';
import { type DeriveOptions, deriveSteps } from './derive.ts';
import { type Explanation, explain } from './explain/index.ts';

export type { Derivation, Step } from './derivation.ts';
export type { DeriveOptions } from './derive.ts';
export type { DerivationJson, Explanation } from './explain/index.ts';
export { type FiniteOptions, finiteNetwork } from './finite.ts';

/** A derivation that can be read: toText, toLatex, toJson, toHtml. */
export type ReadableDerivation = Derivation & Explanation;

/**
 * Derives a kernel of a network at infinite width, step by step.
 *
 * - `nngp`: Σ, the covariance of the outputs at initialisation
 * - `ntk`: Θ = Σ_l Θ_l, all layer weights 1
 * - `wntk`: Σ_l μ_l Θ_l with the layer weights μ_l settable at run time; defaults are each layer's `ntkWeight`
 * - `layerwise`: every Θ_l on its own
 *
 * @eq wntk-tan2021 (11), (21)
 * @throws NtkcError naming the layer whose rule does not apply, or a kernel that is none of these
 */
export function derive(network: Network, kernel: KernelName = 'ntk', options: DeriveOptions = {}): ReadableDerivation {
  if (!kernelNames.includes(kernel))
    throw new NtkcError({
      what: `unknown kernel ${JSON.stringify(kernel)}`,
      expected: `one of ${kernelNames.join(', ')}`,
    });
  const derivation = deriveSteps(network, kernel, options);
  return Object.freeze({ ...derivation, ...explain(derivation) });
}
