/**
 * The two products that finite networks spend their time in: float64, plain JavaScript, both operands row-major.
 * Each is tiled two by four, so that six loads feed eight multiply-adds; the inner loop walks contiguous rows.
 */

/**
 * out[r c] = scale · Σ_i a[r i] b[c i], with a [rows, inner] and b [cols, inner].
 * Every entry adds its products in the order of i, so a = b gives an exactly symmetric result.
 */
export function multiplyTransposed(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  cols: number,
  inner: number,
  scale = 1,
): Float64Array {
  const out = new Float64Array(rows * cols);
  multiplyInto(out, 0, a, 0, b, 0, { rows, cols, inner, scale });
  return out;
}

interface ProductShape {
  readonly rows: number;
  readonly cols: number;
  readonly inner: number;
  readonly scale: number;
}

/**
 * The same for matrices that begin at these offsets of their arrays. The last tile repeats its last row or column instead
 * of having code of its own.
 */
export function multiplyInto(
  out: Float64Array,
  at: number,
  a: Float64Array,
  a0: number,
  b: Float64Array,
  b0: number,
  { rows, cols, inner, scale }: ProductShape,
): void {
  for (let c = 0; c < cols; c += 4) {
    const c1 = Math.min(c + 1, cols - 1);
    const c2 = Math.min(c + 2, cols - 1);
    const c3 = Math.min(c + 3, cols - 1);
    for (let r = 0; r < rows; r += 2) {
      const r1 = Math.min(r + 1, rows - 1);
      const [p, q] = [a0 + r * inner, a0 + r1 * inner];
      tile(a, p, q, b, b0 + c * inner, b0 + c1 * inner, b0 + c2 * inner, b0 + c3 * inner, inner);
      const [first, second] = [at + r * cols, at + r1 * cols];
      out[first + c] = scale * sums[0]!;
      out[first + c1] = scale * sums[1]!;
      out[first + c2] = scale * sums[2]!;
      out[first + c3] = scale * sums[3]!;
      out[second + c] = scale * sums[4]!;
      out[second + c1] = scale * sums[5]!;
      out[second + c2] = scale * sums[6]!;
      out[second + c3] = scale * sums[7]!;
    }
  }
}

/** The eight sums of the last tile: rows (0, 1) by columns (0 .. 3). Read before the next tile, never kept. */
const sums = new Float64Array(8);

/** Dot products of two rows of a with four rows of b, by their offsets. */
function tile(
  a: Float64Array,
  p: number,
  q: number,
  b: Float64Array,
  w: number,
  x: number,
  y: number,
  z: number,
  inner: number,
): void {
  let [s0, s1, s2, s3, t0, t1, t2, t3] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < inner; i++) {
    const u = a[p + i]!;
    const v = a[q + i]!;
    const b0 = b[w + i]!;
    const b1 = b[x + i]!;
    const b2 = b[y + i]!;
    const b3 = b[z + i]!;
    s0 += u * b0;
    s1 += u * b1;
    s2 += u * b2;
    s3 += u * b3;
    t0 += v * b0;
    t1 += v * b1;
    t2 += v * b2;
    t3 += v * b3;
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
  sums[4] = t0;
  sums[5] = t1;
  sums[6] = t2;
  sums[7] = t3;
}

/**
 * out[r i] += scale · Σ_o s[r o] w[o i], with s [rows, outer], w [outer, inner], out [rows, inner].
 * Blocks of s that are all zero cost nothing: a cotangent that picks single output units is nearly all zeros.
 */
export function addProduct(
  out: Float64Array,
  s: Float64Array,
  w: Float64Array,
  rows: number,
  outer: number,
  inner: number,
  scale = 1,
): void {
  const at = (r: number, o: number) => (r < rows && o < outer ? scale * s[r * outer + o]! : 0);
  const rowOf = (o: number) => Math.min(o, outer - 1) * inner;
  for (let o = 0; o < outer; o += 4) {
    const offsets: Four = [rowOf(o), rowOf(o + 1), rowOf(o + 2), rowOf(o + 3)];
    for (let r = 0; r < rows; r += 2) {
      const first: Four = [at(r, o), at(r, o + 1), at(r, o + 2), at(r, o + 3)];
      const second: Four = [at(r + 1, o), at(r + 1, o + 1), at(r + 1, o + 2), at(r + 1, o + 3)];
      if (first.every(isZero) && second.every(isZero)) continue;
      addRows(out, r * inner, Math.min(r + 1, rows - 1) * inner, first, second, w, offsets, inner);
    }
  }
}

type Four = readonly [number, number, number, number];
const isZero = (value: number) => value === 0;

/** Two rows of out, at offsets p and q, each plus a combination of the same four rows of w. */
function addRows(
  out: Float64Array,
  p: number,
  q: number,
  [s0, s1, s2, s3]: Four,
  [t0, t1, t2, t3]: Four,
  w: Float64Array,
  [a, b, c, d]: Four,
  inner: number,
): void {
  for (let i = 0; i < inner; i++) {
    const w0 = w[a + i]!;
    const w1 = w[b + i]!;
    const w2 = w[c + i]!;
    const w3 = w[d + i]!;
    out[p + i] = out[p + i]! + (s0 * w0 + s1 * w1 + s2 * w2 + s3 * w3);
    out[q + i] = out[q + i]! + (t0 * w0 + t1 * w1 + t2 * w2 + t3 * w3);
  }
}
