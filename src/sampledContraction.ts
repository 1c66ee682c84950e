import { neuronSum } from './derive/hierarchy/expected/index.ts';
import { NtkcError } from './errors.ts';
import type { Network } from './ir/arch/index.ts';
import { type SampledMean, type SampleOptions, sampleNeurons } from './runtime/expected/index.ts';

export interface SampledContractionOptions extends Partial<SampleOptions> {
  /** As for expectedHierarchy; without it φ must be smooth. */
  readonly smoothing?: number;
}

/**
 * M[α β] = Σ_γξ C[γ ξ] · width · E K_4(α, β, γ, ξ) of expectedContraction as a mean over sampled neurons, the moments of
 * their output weights taken exactly, with the standard error of each entry from independent batches of neurons. Costs
 * O(n² · features) a neuron, whatever the activation.
 *
 * @param options neurons: default 1024; seed: default 0
 * @throws NtkcError where φ has a kink and is not smoothed, or as expectedHierarchy does; the signal's reason
 */
export async function sampledContraction(
  network: Network,
  x: readonly ArrayLike<number>[],
  weights: ArrayLike<number>,
  options: SampledContractionOptions = {},
): Promise<SampledMean> {
  const { neurons = 1024, seed = 0, smoothing = 0 } = options;
  if (!(Number.isSafeInteger(neurons) && neurons >= 2))
    throw new NtkcError({ what: `${neurons} neurons`, expected: 'a whole number, 2 or more' });
  if (!Number.isSafeInteger(seed)) throw new NtkcError({ what: `the seed is ${seed}`, expected: 'a whole number' });
  const sum = neuronSum(network, x, Float64Array.from(weights), smoothing);
  const found = await sampleNeurons(sum, { ...options, neurons, seed });
  const at = found.standardError.findIndex((v) => !Number.isFinite(v));
  if (at < 0) return found;
  throw new NtkcError({
    what: `the mean over neurons overflows`,
    where: `inputs ${Math.floor(at / x.length)} and ${at % x.length}`,
    next: 'Use smaller inputs, weights or wStd.',
  });
}
