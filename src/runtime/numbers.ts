/** Arrays of numbers of a type. */
import type { DType } from './kernel.ts';

export interface NumberArrays {
  readonly float64: Float64Array;
  readonly float32: Float32Array;
}

const views: { readonly [D in DType]: (bytes: ArrayBufferLike, length: number) => NumberArrays[D] } = {
  float64: (bytes, length) => new Float64Array(bytes, 0, length),
  float32: (bytes, length) => new Float32Array(bytes, 0, length),
};

/** The first `length` numbers in some memory. */
export const numbersIn = <D extends DType>(dtype: D, bytes: ArrayBufferLike, length: number): NumberArrays[D] =>
  views[dtype](bytes, length);

export const bytesOf = (dtype: DType): 8 | 4 => (dtype === 'float64' ? 8 : 4);
