/** The expectation of a function of one neuron, contracted: what is averaged over sampled neurons. */
import type { TensorNetwork } from '../einsum/plan/index.ts';
import type { Expr } from '../scalar/index.ts';

/** Tensors of the networks: f0, f1, ... are φ and its derivatives at the pre-activations u[n m] of m neurons. */
export const neuronAxes: Readonly<Record<string, readonly string[]>> = {
  f0: ['n', 'm'],
  f1: ['n', 'm'],
  f2: ['n', 'm'],
  f3: ['n', 'm'],
  rows: ['n', 'd'],
  weights: ['n', 'n'],
};

/** A matrix, row-major. */
export interface Rows {
  readonly data: Float64Array;
  readonly width: number;
}

export interface NeuronSum {
  readonly n: number;
  /** Sum over neurons; the indices of the result are −1 and −2. */
  readonly networks: readonly TensorNetwork[];
  /** φ, φ', φ'', φ''', in x. */
  readonly derivatives: readonly Expr[];
  /** u[n] = inputs · z, z standard normal. */
  readonly inputs: Rows;
  /** `rows` of the networks: gradients of pre-activations have the inner products of these. */
  readonly gradients: Rows;
  /** C, [n n]. */
  readonly weights: Float64Array;
}
