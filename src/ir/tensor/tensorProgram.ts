/**
 * A finite network as a program of a few primitives. Ops build it (their `forward`); from it come the forward pass,
 * reverse mode and the structured empirical kernels, for every op at once.
 * Values are batches [n, width], row-major. Node i may read only nodes before it; node 0 is the input.
 */
import type { Expr } from '../scalar/expr.ts';

export type TensorNode =
  | { readonly kind: 'input'; readonly width: number }
  | {
      /** z[n o] = weightScale · Σ_i h[n i] W[o i] + biasScale · b[o]; entries of W ~ N(0, weightStd²), of b ~ N(0, biasStd²). */
      readonly kind: 'dense';
      readonly input: number;
      /** Index of this parametrised layer, 0-based, in order of appearance in the network. */
      readonly layer: number;
      readonly fanIn: number;
      readonly width: number;
      readonly weightScale: number;
      readonly weightStd: number;
      /** Absent: no bias. */
      readonly bias?: { readonly scale: number; readonly std: number };
    }
  | {
      /** z[n c] = phi(h[n c]); `phi` is an expression in the one variable x. */
      readonly kind: 'elementwise';
      readonly input: number;
      readonly width: number;
      readonly phi: Expr;
    }
  | { readonly kind: 'add'; readonly inputs: readonly number[]; readonly width: number }
  /** z[n c] = Π_i h_i[n c] */
  | { readonly kind: 'multiply'; readonly inputs: readonly number[]; readonly width: number }
  /** The inputs side by side: z[n (c_1 c_2 ..)]. */
  | { readonly kind: 'concat'; readonly inputs: readonly number[]; readonly width: number }
  /** z[n c] = (1/width) Σ_c' h[n c'], for every c: a linear map that is its own transpose. */
  | { readonly kind: 'mean'; readonly input: number; readonly width: number }
  /** z[n c] = 1/keep with probability keep, else 0, independent for every n and c: noise of a pass, and 1 in one without. */
  | { readonly kind: 'mask'; readonly width: number; readonly keep: number };

export interface TensorProgram {
  readonly nodes: readonly TensorNode[];
  /** Number of parametrised layers; layer indices run 0 .. layers − 1. */
  readonly layers: number;
}
