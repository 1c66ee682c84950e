/** out[o i] += scale · Σ_r s[r o] w[r i], with s [rows, outer] and w [rows, inner]: four rows at a time. */
export function addTransposedProduct(
  out: Float64Array,
  s: Float64Array,
  w: Float64Array,
  rows: number,
  outer: number,
  inner: number,
  scale = 1,
): void {
  const at = (r: number, o: number) => (r < rows ? scale * s[r * outer + o]! : 0);
  const rowOf = (r: number) => Math.min(r, rows - 1) * inner;
  for (let r = 0; r < rows; r += 4) {
    const [a, b, c, d] = [rowOf(r), rowOf(r + 1), rowOf(r + 2), rowOf(r + 3)];
    for (let o = 0; o < outer; o++) {
      const [s0, s1, s2, s3] = [at(r, o), at(r + 1, o), at(r + 2, o), at(r + 3, o)];
      if (s0 === 0 && s1 === 0 && s2 === 0 && s3 === 0) continue;
      addRow(out, o * inner, s0, s1, s2, s3, w, a, b, c, d, inner);
    }
  }
}

/** out[at ..] += s0 · w[a ..] + s1 · w[b ..] + s2 · w[c ..] + s3 · w[d ..], `inner` entries. */
function addRow(
  out: Float64Array,
  at: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
  w: Float64Array,
  a: number,
  b: number,
  c: number,
  d: number,
  inner: number,
): void {
  for (let i = 0; i < inner; i++)
    out[at + i] = out[at + i]! + (s0 * w[a + i]! + s1 * w[b + i]! + s2 * w[c + i]! + s3 * w[d + i]!);
}
