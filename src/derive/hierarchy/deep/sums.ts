/**
 * The contractions that are left where weights are integrated out. Tensors are those of the explicit level, Wl, ul and
 * sl; a factor F without indices stands for a sum of products of layers above, see recursion.ts.
 */
import {
  type Contraction,
  type ContractionTable,
  contractDeltas,
  type Factor,
  PARAMETER,
} from '../../../ir/einsum/index.ts';

/** The number in a tensor's name: layers and activations are counted from 1 here. */
export const numberOf = (tensor: string): number => Number(tensor.slice(1));

export const isWeight = ({ tensor }: Factor): boolean => tensor.startsWith('W');
export const isUpper = ({ tensor }: Factor): boolean => tensor.startsWith('F');
export const isInput = ({ tensor }: Factor): boolean => tensor.startsWith('u');

export const activation = (layer: number, p: number, sample: number, i: number): Factor => ({
  tensor: `s${layer}`,
  derivative: p,
  sample,
  indices: [i],
});
export const upper = (id: number): Factor => ({ tensor: `F${id}`, derivative: 0, sample: PARAMETER, indices: [] });

/** An input of a layer that is an activation: without the entry of the bias. Other factors stay. */
export const withoutBias = (factor: Factor): Factor =>
  isInput(factor) && factor.tensor !== 'u1'
    ? activation(numberOf(factor.tensor) - 1, 0, factor.sample, factor.indices[0]!)
    : factor;

/**
 * Contractions of a product of factors. The entry of the bias counts in ⟨ul(α), ul(β)⟩ alone: where an input of a layer
 * meets anything else it is written as an activation.
 */
export function contractionsOf(factors: readonly Factor[], table: ContractionTable): readonly Contraction[] {
  // What δ is left is δ_ii, 1 where a factor holds i: here one always does.
  const contracted = contractDeltas(factors).filter(({ tensor }) => tensor !== 'delta');
  const met = new Set(contracted.flatMap((factor) => (isInput(factor) ? [] : factor.indices)));
  return table.split(contracted.map((factor) => (met.has(factor.indices[0]!) ? withoutBias(factor) : factor)));
}
