/**
 * Functions on row-major tensors that emitted hierarchies call; `npm run engine` writes each as text for these modules, so
 * none uses a name that another declares.
 */
import { multiplyInto } from '../empirical/matmul.ts';

/** out[q r c] = Σ_i a[q r i]·b[q c i] */
export function multiply(
  a: Float64Array,
  b: Float64Array,
  batch: number,
  rows: number,
  cols: number,
  inner: number,
): Float64Array {
  const out = new Float64Array(batch * rows * cols);
  const isTiled = rows > 1 && cols > 1;
  const shape = { rows, cols, inner, scale: 1 };
  for (let q = 0, at = 0; q < batch; q++) {
    const [a0, b0] = [q * rows * inner, q * cols * inner];
    if (isTiled) {
      multiplyInto(out, at, a, a0, b, b0, shape);
      at += rows * cols;
      continue;
    }
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < cols; c++, at++) out[at] = dot(a, a0 + r * inner, b, b0 + c * inner, inner);
  }
  return out;
}

function dot(a: Float64Array, p: number, b: Float64Array, q: number, inner: number): number {
  let sum = 0;
  for (let i = 0; i < inner; i++) sum += a[p + i]! * b[q + i]!;
  return sum;
}

/** The tensor with axis order[k] as its axis k. */
export function permuted(data: Float64Array, shape: readonly number[], order: readonly number[]): Float64Array {
  const out = new Float64Array(data.length);
  const strides = order.map((axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sizes = order.map((axis) => shape[axis]!);
  const last = sizes.length - 1;
  const at = sizes.map(() => 0);
  const [length, stride] = [sizes[last]!, strides[last]!];
  for (let from = 0, to = 0; to < out.length; ) {
    for (let k = 0, f = from; k < length; k++, f += stride) out[to++] = data[f]!;
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      at[axis]!++;
      if (at[axis]! < sizes[axis]!) break;
      from -= sizes[axis]! * strides[axis]!;
      at[axis] = 0;
    }
  }
  return out;
}

/** f at every entry. */
export function mapped(values: Float64Array, f: (x: number) => number): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i]!);
  return out;
}

/** h[n width] with one more column that holds `value`. */
export function withColumn(h: Float64Array, width: number, value: number): Float64Array {
  const n = h.length / width;
  const out = new Float64Array(n * (width + 1)).fill(value);
  for (let a = 0; a < n; a++) out.set(h.subarray(a * width, (a + 1) * width), a * (width + 1));
  return out;
}

/** Positions from .. from + size − 1 of one axis. */
export function blockOf(
  data: Float64Array,
  shape: readonly number[],
  axis: number,
  from: number,
  size: number,
): Float64Array {
  const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const [run, part] = [shape[axis]! * after, size * after];
  const out = new Float64Array((data.length / run) * part);
  for (let k = 0; k * run < data.length; k++)
    out.set(data.subarray(k * run + from * after, k * run + from * after + part), k * part);
  return out;
}

/** Writes a block of one axis into the whole. */
export function place(
  out: Float64Array,
  block: Float64Array,
  shape: readonly number[],
  axis: number,
  from: number,
  size: number,
): void {
  const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const [run, part] = [shape[axis]! * after, size * after];
  for (let k = 0; k * run < out.length; k++) out.set(block.subarray(k * part, (k + 1) * part), k * run + from * after);
}
