/** z = scale · a b, or scale · a bᵀ, of one sample, and the two products that its derivative is made of. */
import { positionsOf } from '../../ir/program/index.ts';
import type { MatrixProductNode } from '../../ir/tensor/tensorProgram.ts';
import { addTo } from './linear.ts';
import { addProduct, multiplyTransposed } from './matmul.ts';
import { addTransposedProduct } from './transposedProduct.ts';

/** into += a product of two matrices, each row-major. */
export type Multiply = (into: Float64Array, left: Float64Array, right: Float64Array) => void;

export interface Products {
  /** z += a ∘ b. */
  readonly value: Multiply;
  /** a's signal += (signal of z) ∘ b. */
  readonly first: Multiply;
  /** b's signal += (signal of z) ∘ a. */
  readonly second: Multiply;
}

/** @param inner width of the first input: what is summed over. */
export function productsOf({ extents, width, scale, transposed }: MatrixProductNode, inner: number): Products {
  const rows = positionsOf(extents);
  if (transposed)
    return {
      value: (z, a, b) => addTo(z, multiplyTransposed(a, b, rows, width, inner, scale)),
      first: (into, s, b) => addProduct(into, s, b, rows, width, inner, scale),
      second: (into, s, a) => addTransposedProduct(into, s, a, rows, width, inner, scale),
    };
  return {
    value: (z, a, b) => addProduct(z, a, b, rows, inner, width, scale),
    first: (into, s, b) => addTo(into, multiplyTransposed(s, b, rows, inner, width, scale)),
    second: (into, s, a) => addTransposedProduct(into, a, s, rows, inner, width, scale),
  };
}

/** Row r of a value [rows, size]. */
export const rowAt = (values: Float64Array, r: number, size: number): Float64Array =>
  values.subarray(r * size, (r + 1) * size);
