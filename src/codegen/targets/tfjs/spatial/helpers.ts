/** Source of what modules with positions need at run time: windows, weights over positions, blocks of pairs. */

/** The helpers that the emitted code calls, each with those it calls itself, in their order here. */
export function spatialHelpers(code: string): string {
  const all = Object.entries(helpers);
  const called = (text: string) => all.filter(([name]) => new RegExp(`\\b${name}\\(`).test(text)).map(([name]) => name);
  const needed = new Set<string>();
  const need = (text: string) => {
    for (const name of called(text)) {
      if (needed.has(name)) continue;
      needed.add(name);
      need(helpers[name as keyof typeof helpers].replaceAll(`function ${name}(`, ''));
    }
  };
  need(code);
  const text = all.flatMap(([name, own]) => (needed.has(name) ? [own] : [])).join('');
  const types = [
    [/\bWindow\b/, windowType],
    [/\bWeights\b/, weightsType],
  ] as const;
  return [...types.flatMap(([name, type]) => (name.test(code + text) ? [type] : [])), text].join('');
}

const windowType = `
/** Along one axis of \`from\` positions, for each offset of a window: what position each output reads, −1 for none. */
interface Window {
  readonly from: number;
  readonly reads: readonly (readonly number[])[];
}
`;

const weightsType = `
/** Along one axis of \`from\` positions, for each output: the first position it reads, and the weights from there on. */
interface Weights {
  readonly from: number;
  readonly rows: readonly { readonly first: number; readonly weights: readonly number[] }[];
}
`;

const helpers = {
  sliding: `
/** Output P reads position P·stride + o − low at offset o, and none outside. */
function sliding(w: { from: number; to: number; size: number; stride: number; low: number }): Window {
  const read = (p: number) => (p >= 0 && p < w.from ? p : -1);
  const table = (o: number) => Array.from({ length: w.to }, (_, p) => read(p * w.stride + o - w.low));
  return { from: w.from, reads: Array.from({ length: w.size }, (_, o) => table(o)) };
}
`,
  wrapping: `
/** Output P reads position P·stride + o − low at offset o, modulo the number of positions. */
function wrapping(w: { from: number; to: number; size: number; stride: number; low: number }): Window {
  const read = (p: number) => ((p % w.from) + w.from) % w.from;
  const table = (o: number) => Array.from({ length: w.to }, (_, p) => read(p * w.stride + o - w.low));
  return { from: w.from, reads: Array.from({ length: w.size }, (_, o) => table(o)) };
}
`,
  pooling: `
/** Output P reads the positions P·stride − low, ..., \`size\` of them as far as there are, all with one weight. */
function pooling(w: { from: number; to: number; size: number; stride: number; low: number; weight: number }): Weights {
  const row = (start: number) => {
    const first = Math.max(0, start);
    return { first, weights: Array.from({ length: Math.min(w.from, start + w.size) - first }, () => w.weight) };
  };
  return { from: w.from, rows: Array.from({ length: w.to }, (_, p) => row(p * w.stride - w.low)) };
}
`,
  windowSum: `
/** Σ_o of x[... p] or x[... p p'], the offset o the same at p and p', axis by axis. */
function windowSum(x: tf.Tensor, windows: readonly Window[], sides: 1 | 2): tf.Tensor {
  if (sides === 1) return weighted(x, windows.map((w) => counts(w)), 1);
  return tf.tidy(() => {
    const extents = windows.map((w) => w.from);
    let y = x;
    for (const [axis, { reads }] of windows.entries()) {
      let sum: tf.Tensor | undefined;
      for (const table of reads) {
        const [from, before] = [y, sum];
        sum = tf.tidy(() => {
          const term = alongAxis(from, 2, extents, axis, (v) => taken(v, table));
          return before === undefined ? term : tf.add(before, term);
        });
        before?.dispose();
      }
      y = sum ?? y;
      extents[axis] = reads[0]?.length ?? 0;
    }
    return placed(y, x, sides, extents);
  });
}
`,
  weighted: `
/** Σ_r A[p r] x[... r], or Σ_rr' A[p r] A[p' r'] x[... r r'], A being the product of the axes' weights. */
function weighted(x: tf.Tensor, axes: readonly Weights[], sides: 1 | 2): tf.Tensor {
  return tf.tidy(() => {
    const extents = axes.map((a) => a.from);
    let y = x;
    for (const [axis, { from, rows }] of axes.entries()) {
      const dense = rows.map(({ first, weights }) => Array.from({ length: from }, (_, r) => weights[r - first] ?? 0));
      y = alongAxis(y, sides, extents, axis, (v) => times(dense, v));
      extents[axis] = rows.length;
    }
    return placed(y, x, sides, extents);
  });
}
`,
  counts: `
/** How often each output of a window reads each position. */
function counts({ from, reads }: Window): Weights {
  const row = (p: number) => Array.from({ length: from }, (_, r) => reads.filter((table) => table[p] === r).length);
  return { from, rows: Array.from({ length: reads[0]?.length ?? 0 }, (_, p) => ({ first: 0, weights: row(p) })) };
}
`,
  taken: `
/** x[b r a] at the positions r that the table lists, 0 where it lists −1: [b p a]. */
function taken(x: tf.Tensor3D, table: readonly number[]): tf.Tensor3D {
  const [before, own, after] = x.shape;
  if (table.length === own && table.every((r, p) => r === p)) return x;
  const from = table.findIndex((r) => r >= 0);
  const to = table.length - [...table].reverse().findIndex((r) => r >= 0);
  const start = table[from] ?? 0;
  const isRun = from >= 0 && table.slice(from, to).every((r, i) => r === start + i);
  if (!isRun || after === 1)
    return times(table.map((r) => Array.from({ length: own }, (_, i) => (r === i ? 1 : 0))), x);
  // Neighbours along r lie together in memory.
  const run = tf.slice(tf.reshape(x, [before, own * after]), [0, start * after], [-1, (to - from) * after]);
  const padded = tf.pad(run, [[0, 0], [from * after, (table.length - to) * after]]);
  return tf.reshape(padded, [before, table.length, after]);
}
`,
  times: `
/** Σ_r A[p r] x[b r a]: [b p a]. */
function times(matrix: number[][], x: tf.Tensor3D): tf.Tensor3D {
  const [before, own, after] = x.shape;
  const a = tf.tensor2d(matrix, [matrix.length, own]);
  if (after > 1) return tf.matMul(tf.reshape(a, [1, matrix.length, own]), x);
  return tf.reshape(tf.matMul(tf.reshape(x, [before, own]), tf.transpose(a)), [before, matrix.length, 1]);
}
`,
  alongAxis: `
/** f along one axis of the positions of x[... p], or of both positions of x[... p p']. */
function alongAxis(
  x: tf.Tensor,
  sides: 1 | 2,
  extents: readonly number[],
  axis: number,
  f: (v: tf.Tensor3D) => tf.Tensor3D,
): tf.Tensor {
  const own = extents[axis] ?? 0;
  const after = size(extents.slice(axis + 1));
  const positions = size(extents);
  const before = (x.size / positions ** sides) * size(extents.slice(0, axis));
  const y = f(tf.reshape(x, [before, own, after * positions ** (sides - 1)]));
  return sides === 1 ? y : f(tf.reshape(y, [y.size / (own * after), own, after]));
}
`,
  placed: `
/** y in the shape of x, with positions of these extents. */
function placed(y: tf.Tensor, x: tf.Tensor, sides: 1 | 2, extents: readonly number[]): tf.Tensor {
  const positions = Array.from({ length: sides }, () => size(extents));
  return tf.reshape(y, [...x.shape.slice(0, x.rank - sides), ...positions]);
}
`,
  size: `
const size = (extents: readonly number[]): number => extents.reduce((product, n) => product * n, 1);
`,
  diagonal: `
/** x[... p p], of x[... p p']. */
function diagonal(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.sum(tf.mul(x, tf.eye(x.shape.at(-1) ?? 0)), -1));
}
`,
  withSelf: `
/** full[n p p'], where p = p' the self value q[n p]. */
function withSelf(full: tf.Tensor, q: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.where(tf.cast(tf.eye(full.shape.at(-1) ?? 0), 'bool'), tf.expandDims(q, -1), full));
}
`,
  innerProducts: `
/** Σ_c x[n p c] y[m p' c]: [n m p p']. */
function innerProducts(x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor {
  const [n, p, c] = x.shape;
  const m = y.shape[0];
  const all = tf.matMul(tf.reshape(x, [n * p, c]), tf.transpose(tf.reshape(y, [m * p, c]))); // [(n p) (m p')]
  return tf.transpose(tf.reshape(all, [n, p, m, p]), [0, 2, 1, 3]);
}
`,
  innerProductsAtEach: `
/** Σ_c x[n p c] y[m p c]: [n m p]. */
function innerProductsAtEach(x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor {
  const all = tf.matMul(tf.transpose(x, [1, 0, 2]), tf.transpose(y, [1, 0, 2]), false, true); // [p n m]
  return tf.transpose(all, [1, 2, 0]);
}
`,
  mixedSelf: `
/** Σ_rr' g[n p r] k[n r r'] g[n p' r']: [n p p']. */
function mixedSelf(k: tf.Tensor, g: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.matMul(tf.matMul(g, k), g, false, true));
}
`,
  mixed: `
/** Σ_rr' g[n p r] k[n m r r'] h[m p' r']: [n m p p']. Not all backends repeat g and h themselves. */
function mixed(k: tf.Tensor, g: tf.Tensor, h: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const left = tf.matMul(tf.broadcastTo(tf.expandDims(g, 1), k.shape), k);
    return tf.matMul(left, tf.broadcastTo(tf.expandDims(h, 0), k.shape), false, true);
  });
}
`,
  layerOf: `
/** Values of one of the layers that repeat, of [n l ...]. */
function layerOf(values: tf.Tensor, layer: number): tf.Tensor {
  return tf.squeeze(tf.slice(values, [0, layer], [-1, 1]), [1]);
}
`,
  part: `
/** Values of \`count\` samples from the first on. */
function part<T extends Readonly<Record<string, tf.Tensor>>>(values: T, from: number, count: number): T {
  const cut = (v: tf.Tensor) => tf.slice(v, [from], [Math.min(count, (v.shape[0] ?? 0) - from)]);
  return Object.fromEntries(Object.entries(values).map(([name, v]) => [name, cut(v)])) as T;
}
`,
} as const;

/** Names the helpers declare. */
export const helperNames: readonly string[] = [...Object.keys(helpers), 'Window', 'Weights', 'Samples', 'atPositions'];

/** The pair series where values have positions: coefficients come in the shape of rho, degrees last. */
export const seriesAtPositions = `
/** rho = k / √(q q'), within ±1. */
function correlation(k: tf.Tensor, qx: tf.Tensor, qy: tf.Tensor): tf.Tensor {
  const inverseRoot = (q: tf.Tensor): tf.Tensor => tf.rsqrt(tf.maximum(q, 1e-30));
  return tf.tidy(() => tf.clipByValue(tf.mul(k, tf.mul(inverseRoot(qx), inverseRoot(qy))), -1, 1));
}

/** Σ_k a[... k] b[... k] rho[...]^k = E φ(u) φ(v) (Mehler), by Horner's rule. */
function series(a: tf.Tensor, b: tf.Tensor, rho: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const [as, bs] = [tf.unstack(a, -1), tf.unstack(b, -1)];
    let sum: tf.Tensor = tf.zerosLike(rho);
    for (const [k, own] of [...as.entries()].reverse()) {
      const above = sum;
      sum = tf.tidy(() => tf.add(tf.mul(above, rho), tf.mul(own, bs[k] ?? own)));
      above.dispose();
    }
    return sum;
  });
}

/** Expansions under the variances q[n p]: a[n p k], second[n p]; the largest tail of a sample, [n 1]. */
function atPositions(q: tf.Tensor, f: (q: tf.Tensor2D) => Expansion) {
  const { a, second, tail } = f(tf.reshape(q, [-1, 1]));
  return {
    a: tf.reshape(a, [...q.shape, degree]),
    second: tf.reshape(second, q.shape),
    tail: tf.max(tf.reshape(tail, q.shape), 1, true),
  };
}
`;
