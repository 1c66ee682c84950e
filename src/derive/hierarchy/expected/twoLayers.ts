import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import type { TensorNode } from '../../../ir/tensor/tensorProgram.ts';
import { finiteNetwork } from '../../finite.ts';

type DenseNode = Extract<TensorNode, { kind: 'dense' }>;

/** f(x) = scale/√width · Σ_i a_i φ(u_i(x)) + bias, a_i ~ N(0, std²), u Gaussian: what the expectation needs of a network. */
export interface TwoLayers {
  readonly features: number;
  readonly phi: Expr;
  /** Covariance of u: covariance.weight · ⟨x, x'⟩ + covariance.bias. */
  readonly covariance: { readonly weight: number; readonly bias: number };
  /** ⟨∂u/∂θ, ∂u'/∂θ⟩ over the parameters of the first layer, likewise. */
  readonly tangent: { readonly weight: number; readonly bias: number };
  readonly output: { readonly scale: number; readonly std: number; readonly bias: number };
}

/**
 * Reads a network of dense, activation, dense.
 * @throws NtkcError where it has another form, or where width · E K_r has no limit
 */
export function twoLayers(network: Network): TwoLayers {
  const at = [1, 4].map((width) => finiteNetwork(network, { width, outputs: 1 }).nodes);
  const [narrow, wide] = at.map(read) as [TwoLayers | undefined, TwoLayers | undefined];
  if (narrow === undefined || wide === undefined)
    throw new NtkcError({
      what: `this expectation is for two layers, and the network is ${network.layers.map(({ op }) => op).join(', ')}`,
      expected: 'dense, an activation, dense',
      next: 'Where such layers follow one another the expectation is known tuple by tuple (expectedHierarchy, --tuples); elsewhere take a finite network with given parameters.',
    });
  const { scale, std } = narrow.output;
  // Equal up to the rounding of √width.
  if (Math.abs(wide.output.scale - scale) > 1e-12 * scale || Math.abs(wide.output.std - std) > 1e-12 * std)
    throw new NtkcError({
      what: 'in standard parameterization width · E K_r grows with the width of the hidden layer, which is not declared',
      expected: 'parameterization "ntk" in the last dense, or a width in the first',
    });
  return narrow;
}

function read(nodes: readonly TensorNode[]): TwoLayers | undefined {
  const [input, first, activation, last] = nodes;
  const isPlain = nodes.length === 4 && first?.kind === 'dense' && last?.kind === 'dense';
  if (!isPlain || input?.kind !== 'input' || activation?.kind !== 'elementwise') return undefined;
  const perWeight = first.weightScale ** 2;
  const perBias = (first.bias?.scale ?? 0) ** 2;
  return {
    features: input.width,
    phi: activation.phi,
    covariance: { weight: perWeight * first.weightStd ** 2, bias: perBias * (first.bias?.std ?? 0) ** 2 },
    tangent: { weight: perWeight, bias: perBias },
    output: outputOf(last),
  };
}

/** The gradient of the output's bias is constant: it adds to K_2 and to nothing after it. */
const outputOf = ({ weightScale, weightStd, fanIn, bias }: DenseNode): TwoLayers['output'] => ({
  scale: weightScale * Math.sqrt(fanIn),
  std: weightStd,
  bias: (bias?.scale ?? 0) ** 2,
});
