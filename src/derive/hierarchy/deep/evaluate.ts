/** Numbers for the leading terms of an expectation: the NNGP of each layer, and means over one neuron under it. */
import type { Contraction, Term } from '../../../ir/einsum/index.ts';
import type { Family } from '../expected/families.ts';
import type { Mlp } from './mlp.ts';
import { neuronMoments } from './neuron.ts';
import type { LeadingTerms } from './recursion.ts';
import { isInput, isUpper, numberOf } from './sums.ts';

/** What the infinite network is at given inputs. */
export interface WideNetwork {
  /** Σ of layer l, counted from 1, at inputs i and j. */
  readonly covariance: (layer: number, i: number, j: number) => number;
  /** E Π φ_l^(order) at inputs, by layer from 1. */
  readonly neuron: readonly ReturnType<typeof neuronMoments>[];
  /** Σ_d x_i[d] x_j[d] */
  readonly product: (i: number, j: number) => number;
}

/** @param families of the activations, by layer */
export function wideNetwork(mlp: Mlp, families: readonly Family[], x: readonly ArrayLike<number>[]): WideNetwork {
  const known = new Map<string, number>();
  const product = (i: number, j: number): number => {
    let sum = 0;
    for (let d = 0; d < mlp.features; d++) sum += x[i]![d]! * x[j]![d]!;
    return sum;
  };
  const compute = (layer: number, i: number, j: number): number => {
    const { scale, bias } = mlp.layers[layer - 1]!;
    const below =
      layer === 1
        ? product(i, j)
        : mlp.layers[layer - 2]!.width *
          neuron[layer - 2]!([
            { input: i, order: 0 },
            { input: j, order: 0 },
          ]);
    return scale ** 2 * below + bias;
  };
  const covariance = (layer: number, i: number, j: number): number => {
    const key = `${layer} ${Math.min(i, j)} ${Math.max(i, j)}`;
    const value = known.get(key) ?? compute(layer, i, j);
    known.set(key, value);
    return value;
  };
  const neuron = families.map((family, l) => neuronMoments(family, (i, j) => covariance(l + 1, i, j)));
  return { covariance, neuron, product };
}

/**
 * The coefficient of the leading power of the first layer's width at a tuple of inputs: each sum over neurons is its width
 * times the mean over one.
 */
export function leadingValue({ terms, upper }: LeadingTerms, mlp: Mlp, wide: WideNetwork, tuple: readonly number[]) {
  const known: number[] = [];
  const sums: number[] = [];
  const contracted = (c: Contraction): number => {
    const [first, second] = c.factors;
    if (isUpper(first!)) return sums[numberOf(first!.tensor)]!;
    known[c.id] ??= isInput(first!)
      ? inputProduct(mlp, wide, numberOf(first!.tensor), tuple[first!.sample]!, tuple[second!.sample]!)
      : neuronSum(c, mlp, wide, tuple);
    return known[c.id]!;
  };
  const total = (list: readonly Term[]): number => {
    let sum = 0;
    for (const { coefficient, powers, contractions } of list) {
      let value = coefficient;
      for (let l = 0; l < powers.length; l++) value *= mlp.layers[l]!.scale ** powers[l]!;
      for (const c of contractions) value *= contracted(c);
      sum += value;
    }
    return sum;
  };
  for (const { terms: own } of upper) sums.push(total(own));
  return total(terms);
}

function neuronSum({ factors }: Contraction, mlp: Mlp, wide: WideNetwork, tuple: readonly number[]): number {
  const layer = numberOf(factors[0]!.tensor);
  const at = factors.map(({ sample, derivative }) => ({ input: tuple[sample]!, order: derivative }));
  return mlp.layers[layer - 1]!.width * wide.neuron[layer - 1]!(at);
}

/** ⟨u_l(i), u_l(j)⟩, the entry of the bias included: Σ of layer l before its scale. */
function inputProduct({ layers }: Mlp, wide: WideNetwork, layer: number, i: number, j: number): number {
  return wide.covariance(layer, i, j) / layers[layer - 1]!.scale ** 2;
}
