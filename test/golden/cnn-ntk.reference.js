/*
 * NTK of a small CNN
 */

/** A window of `size` at P·stride + o − low of `inputs` positions, nothing outside, or the other end if circular. */
function slide(inputs, outputs, size, stride, low, circular = false) {
  const inside = (p) => p >= 0 && p < inputs ? p : circular ? (p % inputs + inputs) % inputs : -1;
  return Array.from({ length: size }, (_, o) => Array.from({ length: outputs }, (_, P) => inside(P * stride + o - low)));
}

/** `weight`, by default 1/their number, on the positions of a window at P·stride − low that lie inside. */
function pool(inputs, outputs, size, stride, low, weight) {
  return Array.from({ length: outputs }, (_, P) => {
    const from = Math.max(0, P * stride - low);
    const count = Math.min(inputs, P * stride - low + size) - from;
    return {
      from,
      weights: Array.from({ length: count }, () => weight ?? 1 / count)
    };
  });
}

/** out[u P v] = scale · Σ_o of[u p(o P) v] */
function shift(of, [outer, from, inner], reads, scale, out) {
  const to = reads[0]?.length ?? 0;
  for (let u = 0; u < outer; u++) for (let P = 0; P < to; P++) for (let v = 0; v < inner; v++) {
    let sum = 0;
    for (const table of reads) {
      const p = table[P];
      if (p >= 0) sum += of[(u * from + p) * inner + v];
    }
    out[(u * to + P) * inner + v] = scale * sum;
  }
}

/** out[u P v, u' P' v'] = scale · Σ_o of[u p(o P) v, u' p(o P') v'], the same offset on both sides */
function shiftBoth(of, axis, reads, scale, out) {
  const [outer, from, inner] = axis;
  const to = reads[0]?.length ?? 0;
  const [width, outWidth] = [outer * from * inner, outer * to * inner];
  for (let u = 0; u < outer; u++) for (let P = 0; P < to; P++) for (let v = 0; v < inner; v++) {
    const row = ((u * to + P) * inner + v) * outWidth;
    out.fill(0, row, row + outWidth);
    for (const table of reads) {
      const p = table[P];
      if (p >= 0) addShifted(of, ((u * from + p) * inner + v) * width, axis, table, out, row);
    }
    for (let at = row; at < row + outWidth; at++) out[at] = scale * out[at];
  }
}

/** out[row + u P v] += of[start + u p(P) v] */
function addShifted(of, start, [outer, from, inner], table, out, row) {
  let at = row;
  for (let u = 0; u < outer; u++) for (const p of table) {
    if (p >= 0) for (let v = 0, read = start + (u * from + p) * inner; v < inner; v++) out[at + v] = out[at + v] + of[read + v];
    at += inner;
  }
}

/** out[u P v] = Σ_p A[P p] of[u p v], A by its rows */
function weigh(of, [outer, from, inner], rows, out) {
  for (let u = 0; u < outer; u++) rows.forEach((row, P) => {
    for (let v = 0; v < inner; v++) {
      let sum = 0;
      for (let k = 0; k < row.weights.length; k++) sum += row.weights[k] * of[(u * from + row.from + k) * inner + v];
      out[(u * rows.length + P) * inner + v] = sum;
    }
  });
}

/** out[p] = of[p p], n positions */
function diagonal(of, n, out) {
  for (let p = 0; p < n; p++) out[p] = of[p * (n + 1)];
}

/** Σ values, or of every `step`-th: with n + 1 the diagonal of [n n]. */
function total(values, step = 1) {
  let sum = 0;
  for (let at = 0; at < values.length; at += step) sum += values[at];
  return sum;
}

export const features = 90;
/** Outputs of tile, in order. */
export const outputs = ['ntk'];
/** Layer weights by default; this kernel has none. */
export const layerWeights = [];

/** Positions of an input, 6 x 5, and numbers at each. */
export const positions = 30;
export const channels = 3;

const window1 = slide(6, 6, 3, 1, 1);
const window2 = slide(5, 5, 3, 1, 1);
const rows1 = pool(6, 3, 2, 2, 0);
const rows2 = pool(5, 2, 2, 2, 0);
const window3 = slide(3, 2, 2, 1, 0);

/** Σ_c x[p c]·y[r c] */
function inner(x, p, y, r) {
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += x[p * channels + c] * y[r * channels + c];
  return sum;
}

/**
 * What is needed once a sample: inputs[n d], row-major; weights as layerWeights.
 */
export function prepare(inputs, n, weights = layerWeights) {
  // Memory, and the arrays that take turns in it.
  const memory1 = new Float64Array(900);
  const memory2 = new Float64Array(900);
  const memory3 = new Float64Array(450);
  const sigmaFull0 = memory1; // [p p']
  const sigmaFull0Conv = memory1; // [p p']
  const sigmaHatFull1 = memory2; // [p p']
  const thetaHatFull1 = memory1; // [p p']
  const samples = [];
  for (let i = 0; i < n; i++) {
    const x = inputs.subarray(i * features, (i + 1) * features);
    const q0 = new Float64Array(30); // [p]
    const q0Conv = new Float64Array(30); // [p]
    const q1 = new Float64Array(30); // [p]
    const qHat1 = new Float64Array(30); // [p]
    const dotQ1 = new Float64Array(30); // [p]
    const qHat1Pool = new Float64Array(6); // [p]
    const tHat1Pool = new Float64Array(6); // [p]
    const qHat1PoolConv = new Float64Array(4); // [p]
    const tHat1PoolConv = new Float64Array(4); // [p]
    const qHat2 = new Float64Array(4); // [p]
    const tHat2 = new Float64Array(4); // [p]
    for (let p = 0; p < 30; p++) {
      q0[p] = 0.3333333333333333 * inner(x, p, x, p);
      dotQ1[p] = 0.5;
    }
    // q0Conv[P] = 0.1111111111111111 · Σ_o q0[p(o P)]
    shift(q0, [1, 6, 5], window1, 1, memory1);
    shift(memory1, [6, 5, 1], window2, 0.1111111111111111, q0Conv);
    for (let p = 0; p < 30; p++) {
      q1[p] = 1.9599999999999997 * q0Conv[p] + 0.010000000000000002;
      qHat1[p] = 0.5 * q1[p];
    }
    for (let p = 0, cell = 0; p < 30; p++) {
      for (let r = 0; r < 30; r++, cell++) {
        sigmaFull0[cell] = 0.3333333333333333 * inner(x, p, x, r);
      }
    }
    // sigmaFull0Conv[P P'] = 0.1111111111111111 · Σ_o sigmaFull0[p(o P) p(o P')]
    shiftBoth(sigmaFull0, [1, 6, 5], window1, 1, memory2);
    shiftBoth(memory2, [6, 5, 1], window2, 0.1111111111111111, sigmaFull0Conv);
    for (let p = 0, cell = 0; p < 30; p++) {
      for (let r = 0; r < 30; r++, cell++) {
        const sigmaFull1 = 1.9599999999999997 * sigmaFull0Conv[cell] + 0.010000000000000002;
        const sFull1 = Math.sqrt(Math.max(0, q1[p] * q1[r] - sigmaFull1 * sigmaFull1));
        const angleFull1 = Math.atan2(sFull1, sigmaFull1);
        sigmaHatFull1[cell] = p === r ? qHat1[p] : 0.5 * ((sFull1 + sigmaFull1 * (Math.PI - angleFull1)) / Math.PI);
        const dotSigmaFull1 = p === r ? dotQ1[p] : 0.5 - 0.5 * (angleFull1 / Math.PI);
        thetaHatFull1[cell] = dotSigmaFull1 * sigmaFull1;
      }
    }
    // qHat1Pool[P] = Σ_pp' A[P p] A[P p'] sigmaHatFull1[p p']
    weigh(sigmaHatFull1, [1, 6, 150], rows1, memory3);
    weigh(memory3, [3, 5, 30], rows2, memory2);
    weigh(memory2, [6, 6, 5], rows1, memory3);
    weigh(memory3, [18, 5, 1], rows2, memory2);
    diagonal(memory2, 6, qHat1Pool);
    // tHat1Pool[P] = Σ_pp' A[P p] A[P p'] thetaHatFull1[p p']
    weigh(thetaHatFull1, [1, 6, 150], rows1, memory3);
    weigh(memory3, [3, 5, 30], rows2, memory2);
    weigh(memory2, [6, 6, 5], rows1, memory3);
    weigh(memory3, [18, 5, 1], rows2, memory1);
    diagonal(memory1, 6, tHat1Pool);
    // qHat1PoolConv[P] = 0.5 · Σ_o qHat1Pool[p(o P)]
    shift(qHat1Pool, [1, 3, 2], window3, 0.5, qHat1PoolConv);
    // tHat1PoolConv[P] = 0.5 · Σ_o tHat1Pool[p(o P)]
    shift(tHat1Pool, [1, 3, 2], window3, 0.5, tHat1PoolConv);
    for (let p = 0; p < 4; p++) {
      const t2 = qHat1PoolConv[p] + tHat1PoolConv[p];
      const c1 = 4 * qHat1PoolConv[p] + 1;
      qHat2[p] = 2 * (Math.atan2((2 * qHat1PoolConv[p]), Math.sqrt(Math.max(0, c1))) / Math.PI);
      const dotQ2 = 4 * (1 / (Math.PI * Math.sqrt(Math.max(0, c1))));
      tHat2[p] = dotQ2 * t2;
    }
    const qHat2Trace = 0.25 * total(qHat2);
    const tHat2Trace = 0.25 * total(tHat2);
    const t3 = qHat2Trace + tHat2Trace;
    samples.push({ x, q1, qHat1PoolConv, t3 });
  }
  return { n, weights, samples };
}

/**
 * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.
 * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.
 */
export function tile(a, i0, i1, b, j0, j1, symmetric, out) {
  const columns = j1 - j0;
  // Memory, and the arrays that take turns in it.
  const memory1 = new Float64Array(900);
  const memory2 = new Float64Array(900);
  const memory3 = new Float64Array(450);
  const sigma0 = memory1; // [p p']
  const sigma0Conv = memory1; // [p p']
  const sigmaHat1 = memory2; // [p p']
  const thetaHat1 = memory1; // [p p']
  const sigmaHat1Pool = memory3.subarray(0, 6); // [p]
  const thetaHat1Pool = memory2.subarray(0, 6); // [p]
  const sigmaHat1PoolConv = memory1.subarray(0, 4); // [p]
  const thetaHat1PoolConv = memory3.subarray(0, 4); // [p]
  const sigmaHat2 = memory3.subarray(0, 4); // [p]
  const thetaHat2 = memory2.subarray(0, 4); // [p]
  for (let i = i0; i < i1; i++) {
    const { x, q1: q1_x, qHat1PoolConv: qHat1PoolConv_x } = a.samples[i];
    const from = symmetric && i > j0 ? i : j0;
    for (let j = from; j < j1; j++) {
      const at = (i - i0) * columns + (j - j0);
      if (symmetric && i === j) {
        out[0][at] = a.samples[i].t3;
        continue;
      }
      const { x: y, q1: q1_y, qHat1PoolConv: qHat1PoolConv_y } = b.samples[j];
      for (let p = 0, cell = 0; p < 30; p++) {
        for (let r = 0; r < 30; r++, cell++) {
          sigma0[cell] = 0.3333333333333333 * inner(x, p, y, r);
        }
      }
      // sigma0Conv[P P'] = 0.1111111111111111 · Σ_o sigma0[p(o P) p(o P')]
      shiftBoth(sigma0, [1, 6, 5], window1, 1, memory2);
      shiftBoth(memory2, [6, 5, 1], window2, 0.1111111111111111, sigma0Conv);
      for (let p = 0, cell = 0; p < 30; p++) {
        for (let r = 0; r < 30; r++, cell++) {
          const sigma1 = 1.9599999999999997 * sigma0Conv[cell] + 0.010000000000000002;
          const s1 = Math.sqrt(Math.max(0, q1_x[p] * q1_y[r] - sigma1 * sigma1));
          const angle1 = Math.atan2(s1, sigma1);
          sigmaHat1[cell] = 0.5 * ((s1 + sigma1 * (Math.PI - angle1)) / Math.PI);
          const dotSigma1 = 0.5 - 0.5 * (angle1 / Math.PI);
          thetaHat1[cell] = dotSigma1 * sigma1;
        }
      }
      // sigmaHat1Pool[P] = Σ_pp' A[P p] A[P p'] sigmaHat1[p p']
      weigh(sigmaHat1, [1, 6, 150], rows1, memory3);
      weigh(memory3, [3, 5, 30], rows2, memory2);
      weigh(memory2, [6, 6, 5], rows1, memory3);
      weigh(memory3, [18, 5, 1], rows2, memory2);
      diagonal(memory2, 6, sigmaHat1Pool);
      // thetaHat1Pool[P] = Σ_pp' A[P p] A[P p'] thetaHat1[p p']
      weigh(thetaHat1, [1, 6, 150], rows1, memory2);
      weigh(memory2, [3, 5, 30], rows2, memory1);
      weigh(memory1, [6, 6, 5], rows1, memory2);
      weigh(memory2, [18, 5, 1], rows2, memory1);
      diagonal(memory1, 6, thetaHat1Pool);
      // sigmaHat1PoolConv[P] = 0.5 · Σ_o sigmaHat1Pool[p(o P)]
      shift(sigmaHat1Pool, [1, 3, 2], window3, 0.5, sigmaHat1PoolConv);
      // thetaHat1PoolConv[P] = 0.5 · Σ_o thetaHat1Pool[p(o P)]
      shift(thetaHat1Pool, [1, 3, 2], window3, 0.5, thetaHat1PoolConv);
      for (let p = 0; p < 4; p++) {
        const theta2 = sigmaHat1PoolConv[p] + thetaHat1PoolConv[p];
        const r2 = Math.sqrt(Math.max(0, 2 * qHat1PoolConv_x[p] + 2 * qHat1PoolConv_y[p] + 4 * (qHat1PoolConv_x[p] * qHat1PoolConv_y[p]) + 1 - 4 * (sigmaHat1PoolConv[p] * sigmaHat1PoolConv[p])));
        sigmaHat2[p] = 2 * (Math.atan2((2 * sigmaHat1PoolConv[p]), r2) / Math.PI);
        const dotSigma2 = 4 * (1 / (Math.PI * r2));
        thetaHat2[p] = dotSigma2 * theta2;
      }
      const sigmaHat2Trace = 0.25 * total(sigmaHat2);
      const thetaHat2Trace = 0.25 * total(thetaHat2);
      const theta3 = sigmaHat2Trace + thetaHat2Trace;
      out[0][at] = theta3;
    }
  }
  return out;
}

/**
 * The whole Gram matrix of x1[n1 d] and x2[n2 d] (or of x1 with itself), row-major [n1 n2].
 * Returns one Float64Array.
 */
export function gram(x1, n1, x2, n2 = n1, weights = layerWeights) {
  const a = prepare(x1, n1, weights);
  const b = x2 === undefined ? a : prepare(x2, n2, weights);
  const out = outputs.map(() => new Float64Array(n1 * n2));
  tile(a, 0, n1, b, 0, n2, a === b, out);
  if (a === b) for (const k of out) for (let i = 0; i < n1; i++) for (let j = 0; j < i; j++) k[i * n1 + j] = k[j * n1 + i];
  return out[0];
}
