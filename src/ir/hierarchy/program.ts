import type { Term } from '../einsum/index.ts';
import type { TensorProgram } from '../tensor/tensorProgram.ts';

/**
 * K_order of a finite network as terms. Their tensors: Wl, the weights of layer l; ul, the input of layer l with its bias
 * as one more entry, (h, bias scale/weight scale), so that ⟨ul(α), ul(γ)⟩ is ∂z_α/∂(W, b) · ∂z_γ/∂(W, b) over the squared
 * weight scale; hl, the same input with 0 in place of the bias; se, φ^(p) at activation e. W and s are 0 at the bias.
 * powers[l] of a term counts the weight scale of layer l + 1.
 */
export interface HierarchyProgram {
  readonly name: string;
  readonly order: number;
  readonly network: TensorProgram;
  readonly terms: readonly Term[];
}
