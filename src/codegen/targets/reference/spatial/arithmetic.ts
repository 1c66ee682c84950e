/**
 * What emitted modules of spatial programs call: tables of positions, and statements over several positions one axis at a
 * time. An axis of an array has the shape [outer, from, inner]: what comes before it, its length, what comes after it.
 */
export type Axis = readonly [outer: number, from: number, inner: number];
/** reads[o][P] is the position that output P reads at offset o of a window, −1 where it reads none. */
export type Reads = readonly (readonly number[])[];
/** For each output its weights on the positions from, from + 1, ... */
export type Rows = readonly { readonly from: number; readonly weights: readonly number[] }[];

/** A window of `size` at P·stride + o − low of `inputs` positions, nothing outside, or the other end if circular. */
export function slide(
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
  low: number,
  circular = false,
): Reads {
  const inside = (p: number) => (p >= 0 && p < inputs ? p : circular ? ((p % inputs) + inputs) % inputs : -1);
  return Array.from({ length: size }, (_, o) =>
    Array.from({ length: outputs }, (_, P) => inside(P * stride + o - low)),
  );
}

/** The window of a transposed convolution: reads its input spread out by `stride`, zeros between. */
export function spread(
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
  low: number,
  circular = false,
): Reads {
  const length = inputs * stride;
  const read = (d: number) => (d >= 0 && d < length && d % stride === 0 ? d / stride : -1);
  const turned = (d: number) => (circular ? ((d % length) + length) % length : d);
  return Array.from({ length: size }, (_, o) => Array.from({ length: outputs }, (_, P) => read(turned(P + o - low))));
}

/** `weight`, by default 1/their number, on the positions of a window at P·stride − low that lie inside. */
export function pool(
  inputs: number,
  outputs: number,
  size: number,
  stride: number,
  low: number,
  weight?: number,
): Rows {
  return Array.from({ length: outputs }, (_, P) => {
    const from = Math.max(0, P * stride - low);
    const count = Math.min(inputs, P * stride - low + size) - from;
    return { from, weights: Array.from({ length: count }, () => weight ?? 1 / count) };
  });
}

/** out[u P v] = scale · Σ_o of[u p(o P) v] */
export function shift(
  of: Float64Array,
  [outer, from, inner]: Axis,
  reads: Reads,
  scale: number,
  out: Float64Array,
): void {
  const to = reads[0]?.length ?? 0;
  for (let u = 0; u < outer; u++)
    for (let P = 0; P < to; P++)
      for (let v = 0; v < inner; v++) {
        let sum = 0;
        for (const table of reads) {
          const p = table[P]!;
          if (p >= 0) sum += of[(u * from + p) * inner + v]!;
        }
        out[(u * to + P) * inner + v] = scale * sum;
      }
}

/** out[u P v, u' P' v'] = scale · Σ_o of[u p(o P) v, u' p(o P') v'], the same offset on both sides */
export function shiftBoth(of: Float64Array, axis: Axis, reads: Reads, scale: number, out: Float64Array): void {
  const [outer, from, inner] = axis;
  const to = reads[0]?.length ?? 0;
  const [width, outWidth] = [outer * from * inner, outer * to * inner];
  for (let u = 0; u < outer; u++)
    for (let P = 0; P < to; P++)
      for (let v = 0; v < inner; v++) {
        const row = ((u * to + P) * inner + v) * outWidth;
        out.fill(0, row, row + outWidth);
        for (const table of reads) {
          const p = table[P]!;
          if (p >= 0) addShifted(of, ((u * from + p) * inner + v) * width, axis, table, out, row);
        }
        for (let at = row; at < row + outWidth; at++) out[at] = scale * out[at]!;
      }
}

/** out[row + u P v] += of[start + u p(P) v] */
function addShifted(
  of: Float64Array,
  start: number,
  [outer, from, inner]: Axis,
  table: readonly number[],
  out: Float64Array,
  row: number,
): void {
  let at = row;
  for (let u = 0; u < outer; u++)
    for (const p of table) {
      if (p >= 0)
        for (let v = 0, read = start + (u * from + p) * inner; v < inner; v++)
          out[at + v] = out[at + v]! + of[read + v]!;
      at += inner;
    }
}

/** out[u P v] = Σ_p A[P p] of[u p v], A by its rows */
export function weigh(of: Float64Array, [outer, from, inner]: Axis, rows: Rows, out: Float64Array): void {
  for (let u = 0; u < outer; u++)
    rows.forEach((row, P) => {
      for (let v = 0; v < inner; v++) {
        let sum = 0;
        for (let k = 0; k < row.weights.length; k++)
          sum += row.weights[k]! * of[(u * from + row.from + k) * inner + v]!;
        out[(u * rows.length + P) * inner + v] = sum;
      }
    });
}

/** out[P r] = Σ_p m[P p] of[p r], n positions each */
export function fromLeft(m: Float64Array, of: Float64Array, n: number, out: Float64Array): void {
  out.fill(0);
  for (let P = 0; P < n; P++)
    for (let p = 0; p < n; p++) {
      const w = m[P * n + p]!;
      if (w !== 0) for (let r = 0; r < n; r++) out[P * n + r] = out[P * n + r]! + w * of[p * n + r]!;
    }
}

/** out[P R] = Σ_r of[P r] m[R r], n positions each */
export function fromRight(of: Float64Array, m: Float64Array, n: number, out: Float64Array): void {
  for (let R = 0; R < n; R++) {
    const places = nonZero(m.subarray(R * n, (R + 1) * n));
    for (let P = 0; P < n; P++) {
      let sum = 0;
      for (const r of places) sum += of[P * n + r]! * m[R * n + r]!;
      out[P * n + R] = sum;
    }
  }
}

/** out[P] = Σ_r of[P r] m[P r], n positions each */
export function rowProducts(of: Float64Array, m: Float64Array, n: number, out: Float64Array): void {
  for (let P = 0; P < n; P++) {
    let sum = 0;
    for (let r = 0; r < n; r++) sum += of[P * n + r]! * m[P * n + r]!;
    out[P] = sum;
  }
}

/** Where a row is not zero: graphs have few edges. */
function nonZero(row: Float64Array): Int32Array {
  const places = new Int32Array(row.length);
  let count = 0;
  for (let r = 0; r < row.length; r++) if (row[r] !== 0) places[count++] = r;
  return places.subarray(0, count);
}

/** out[p r] = e^{of[p r]} / Σ_s e^{of[p s]}, n positions each */
export function softmax(of: Float64Array, n: number, out: Float64Array): void {
  for (let row = 0; row < n * n; row += n) {
    const top = of.subarray(row, row + n).reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let sum = 0;
    for (let at = row; at < row + n; at++) sum += out[at] = Math.exp(of[at]! - top);
    for (let at = row; at < row + n; at++) out[at] = out[at]! / sum;
  }
}

/** out[p] = of[p p], n positions */
export function diagonal(of: Float64Array, n: number, out: Float64Array): void {
  for (let p = 0; p < n; p++) out[p] = of[p * (n + 1)]!;
}

/** Σ values, or of every `step`-th: with n + 1 the diagonal of [n n]. */
export function total(values: Float64Array, step = 1): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += step) sum += values[at]!;
  return sum;
}
