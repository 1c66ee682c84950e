/** K4 contracted, as a mean over single neurons: K4 is a sum over neurons, which are independent. */
import { NtkcError } from '../../../../errors.ts';
import type { Network } from '../../../../ir/arch/index.ts';
import type { TensorNetwork } from '../../../../ir/einsum/plan/index.ts';
import type { NeuronSum, Rows } from '../../../../ir/expectation/index.ts';
import { derivative, printScalar } from '../../../../ir/scalar/index.ts';
import { smoothedFamily } from '../evaluate.ts';
import { checkedInputs, checkedWeights } from '../inputs.ts';
import { gaussianMoment, neuronKernel } from '../neuron.ts';
import { type TwoLayers, twoLayers } from '../twoLayers.ts';

/**
 * Σ_γξ C[γ ξ] of one neuron's part of width · E K4, the output weight's moments taken.
 * @throws NtkcError as expectedHierarchy does; where φ has a kink, for its derivatives are no functions
 */
export function neuronSum(
  network: Network,
  x: readonly ArrayLike<number>[],
  weights: Float64Array,
  smoothing: number,
): NeuronSum {
  const layers = twoLayers(network);
  checkedInputs(x, layers.features);
  checkedWeights(weights, x.length);
  const family = smoothedFamily(layers, smoothing);
  if (family.kinked)
    throw new NtkcError({
      what: `no neurons can be sampled for ${printScalar(layers.phi)}: its second derivative is no function`,
      next: 'Leave the samples out for the exact expectation, or smooth the activation (smoothing: ε).',
    });
  const phi = family.phi ?? layers.phi;
  return {
    n: x.length,
    networks: networksOf(layers.output),
    derivatives: [0, 1, 2, 3].map((p) => derivative(phi, 'x', p)),
    inputs: rowsOf(x, layers.covariance),
    gradients: rowsOf(x, layers.tangent),
    weights,
  };
}

/** The indices of α, β, γ, ξ; that of the neuron is 0. */
const samples = [-1, -2, 1, 2] as const;

/** G is a sum over features, so that the order of sums is free. */
const networksOf = ({ scale, std }: TwoLayers['output']): readonly TensorNetwork[] =>
  neuronKernel(4).map(({ coefficient, power, grams, factors }) => ({
    coefficient: scale ** 4 * coefficient * gaussianMoment(power, std),
    uses: [
      ...factors.map(({ at, order }) => ({ tensor: `f${order}`, indices: [samples[at] as number, 0] })),
      ...grams.flatMap((pair, k) => pair.map((at) => ({ tensor: 'rows', indices: [samples[at] as number, 3 + k] }))),
      { tensor: 'weights', indices: [1, 2] },
    ],
  }));

/** Rows whose inner products are weight · ⟨x, x'⟩ + bias. */
function rowsOf(x: readonly ArrayLike<number>[], { weight, bias }: TwoLayers['covariance']): Rows {
  const more = bias === 0 ? [] : [Math.sqrt(bias)];
  const rows = x.map((row) => [...Array.from(row, (v) => Math.sqrt(weight) * v), ...more]);
  return { data: Float64Array.from(rows.flat()), width: rows[0]?.length ?? 0 };
}
