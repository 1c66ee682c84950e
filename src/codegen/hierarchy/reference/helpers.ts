/** Functions that emitted modules call, as JavaScript text. */

/** out[q r c] = Σ_i a[q r i]·b[q c i], tiled two by four: six loads feed eight multiply-adds. */
export const multiplySource = `
/** out[q r c] = Σ_i a[q r i]·b[q c i], row-major. Tiled two rows by four columns; the last tile repeats its last. */
function multiply(a, b, batch, rows, cols, inner) {
  const out = new Float64Array(batch * rows * cols);
  for (let q = 0, at = 0; q < batch; q++) {
    const [a0, b0] = [q * rows * inner, q * cols * inner];
    if (rows === 1 || cols === 1) {
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < cols; c++, at++) out[at] = dot(a, a0 + r * inner, b, b0 + c * inner, inner);
      continue;
    }
    for (let c = 0; c < cols; c += 4) {
      const [c1, c2, c3] = [Math.min(c + 1, cols - 1), Math.min(c + 2, cols - 1), Math.min(c + 3, cols - 1)];
      for (let r = 0; r < rows; r += 2) {
        const r1 = Math.min(r + 1, rows - 1);
        tile(a, a0 + r * inner, a0 + r1 * inner, b, b0 + c * inner, b0 + c1 * inner, b0 + c2 * inner, b0 + c3 * inner, inner);
        const [p, s] = [at + r * cols, at + r1 * cols];
        out[p + c] = sums[0];
        out[p + c1] = sums[1];
        out[p + c2] = sums[2];
        out[p + c3] = sums[3];
        out[s + c] = sums[4];
        out[s + c1] = sums[5];
        out[s + c2] = sums[6];
        out[s + c3] = sums[7];
      }
    }
    at += rows * cols;
  }
  return out;
}

/** The sums of the last tile. */
const sums = new Float64Array(8);

/** Two rows of a with four of b, by their offsets. */
function tile(a, p, q, b, w, x, y, z, inner) {
  let s0 = 0, s1 = 0, s2 = 0, s3 = 0, t0 = 0, t1 = 0, t2 = 0, t3 = 0;
  for (let i = 0; i < inner; i++) {
    const u = a[p + i];
    const v = a[q + i];
    const b0 = b[w + i];
    const b1 = b[x + i];
    const b2 = b[y + i];
    const b3 = b[z + i];
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

function dot(a, p, b, q, inner) {
  let sum = 0;
  for (let i = 0; i < inner; i++) sum += a[p + i] * b[q + i];
  return sum;
}`.trim();

/** A tensor with its axes in another order. */
export const permutedSource = `
/** The row-major tensor with axis order[k] as its axis k. */
function permuted(data, shape, order) {
  const out = new Float64Array(data.length);
  const strideOf = (axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const strides = order.map(strideOf);
  const sizes = order.map((axis) => shape[axis]);
  const last = sizes.length - 1;
  const at = sizes.map(() => 0);
  for (let from = 0, to = 0; to < out.length; ) {
    for (let k = 0, f = from; k < sizes[last]; k++, f += strides[last]) out[to++] = data[f];
    for (let axis = last - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++at[axis] < sizes[axis]) break;
      from -= sizes[axis] * strides[axis];
      at[axis] = 0;
    }
  }
  return out;
}`.trim();

export const mappedSource = `
/** f at every entry. */
function mapped(values, f) {
  const out = new Float64Array(values.length);
  for (let i = 0; i < out.length; i++) out[i] = f(values[i]);
  return out;
}`.trim();

export const withColumnSource = `
/** h[n width] with one more column that holds \`value\`. */
function withColumn(h, width, value) {
  const n = h.length / width;
  const out = new Float64Array(n * (width + 1)).fill(value);
  for (let a = 0; a < n; a++) out.set(h.subarray(a * width, (a + 1) * width), a * (width + 1));
  return out;
}`.trim();

export const blockOfSource = `
/** Positions from .. from + size − 1 of one axis of a tensor. */
function blockOf(data, shape, axis, from, size) {
  const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const [run, part] = [shape[axis] * after, size * after];
  const out = new Float64Array((data.length / run) * part);
  for (let k = 0; k * run < data.length; k++)
    out.set(data.subarray(k * run + from * after, k * run + from * after + part), k * part);
  return out;
}`.trim();

export const placeSource = `
/** Writes a block of one axis into the whole. */
function place(out, block, shape, axis, from, size) {
  const after = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const [run, part] = [shape[axis] * after, size * after];
  for (let k = 0; k * run < out.length; k++) out.set(block.subarray(k * part, (k + 1) * part), k * run + from * after);
}`.trim();

export const requireLengthSource = `
/** Throws unless there are as many numbers as the network and the samples have. */
function requireLength(name, values, length) {
  if (values?.length !== length) throw new RangeError(\`\${name}: \${values?.length ?? 'no'} numbers instead of \${length}\`);
}`.trim();
