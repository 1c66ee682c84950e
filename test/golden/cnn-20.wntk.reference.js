/*
 * Weighted NTK, 21 layers
 */

/** A window of `size` at P·stride + o − low of `inputs` positions, nothing outside, or the other end if circular. */
function slide(inputs, outputs, size, stride, low, circular = false) {
  const inside = (p) => p >= 0 && p < inputs ? p : circular ? (p % inputs + inputs) % inputs : -1;
  return Array.from({ length: size }, (_, o) => Array.from({ length: outputs }, (_, P) => inside(P * stride + o - low)));
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

/** Σ values, or of every `step`-th: with n + 1 the diagonal of [n n]. */
function total(values, step = 1) {
  let sum = 0;
  for (let at = 0; at < values.length; at += step) sum += values[at];
  return sum;
}

export const features = 8;
/** Outputs of tile, in order. */
export const outputs = ['wntk'];
/** Layer weights by default. */
export const layerWeights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/** Positions of an input, 4, and numbers at each. */
export const positions = 4;
export const channels = 2;

const window1 = slide(4, 4, 3, 1, 1);

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
  const mu1 = weights[0];
  const mu21 = weights[20];
  const mu22 = weights[21];
  // Memory, and the arrays that take turns in it.
  const memory1 = new Float64Array(16);
  const memory2 = new Float64Array(16);
  const memory3 = new Float64Array(16);
  const sigmaFull0 = memory1; // [p p']
  const sigmaFull0Conv = memory2; // [p p']
  const sigmaHatFull1 = memory1; // [p p']
  const thetaHatFull1 = memory2; // [p p']
  const sigmaHatFullBefore = memory1; // [p p']
  const thetaHatFullBefore = memory2; // [p p']
  const sigmaHatFull1Conv = memory3; // [p p']
  const thetaHatFull1Conv = memory1; // [p p']
  const sigmaHatFull2 = memory1; // [p p']
  const thetaHatFull2 = memory2; // [p p']
  const sigmaHatFull20 = memory1; // [p p']
  const thetaHatFull20 = memory2; // [p p']
  const sigmaHatFull20Conv = memory3; // [p p']
  const thetaHatFull20Conv = memory1; // [p p']
  const sigmaFull21 = memory2; // [p p']
  const thetaFull21 = memory3; // [p p']
  const samples = [];
  for (let i = 0; i < n; i++) {
    const x = inputs.subarray(i * features, (i + 1) * features);
    const layers = [];
    const q0 = new Float64Array(4); // [p]
    const q0Conv = new Float64Array(4); // [p]
    const q1 = new Float64Array(4); // [p]
    const qHat1 = new Float64Array(4); // [p]
    const dotQ1 = new Float64Array(4); // [p]
    for (let p = 0; p < 4; p++) {
      q0[p] = 0.5 * inner(x, p, x, p);
      dotQ1[p] = 0.5;
    }
    // q0Conv[P] = 0.3333333333333333 · Σ_o q0[p(o P)]
    shift(q0, [1, 4, 1], window1, 0.3333333333333333, q0Conv);
    for (let p = 0; p < 4; p++) {
      q1[p] = 1.6900000000000002 * q0Conv[p] + 0.010000000000000002;
      qHat1[p] = 0.5 * q1[p];
    }
    for (let p = 0, cell = 0; p < 4; p++) {
      for (let r = 0; r < 4; r++, cell++) {
        sigmaFull0[cell] = 0.5 * inner(x, p, x, r);
      }
    }
    // sigmaFull0Conv[P P'] = 0.3333333333333333 · Σ_o sigmaFull0[p(o P) p(o P')]
    shiftBoth(sigmaFull0, [1, 4, 1], window1, 0.3333333333333333, sigmaFull0Conv);
    for (let p = 0, cell = 0; p < 4; p++) {
      for (let r = 0; r < 4; r++, cell++) {
        const sigmaFull1 = 1.6900000000000002 * sigmaFull0Conv[cell] + 0.010000000000000002;
        const thetaFull1 = mu1 * sigmaFull1;
        const sFull1 = Math.sqrt(Math.max(0, q1[p] * q1[r] - sigmaFull1 * sigmaFull1));
        const angleFull1 = Math.atan2(sFull1, sigmaFull1);
        sigmaHatFull1[cell] = p === r ? qHat1[p] : 0.5 * ((sFull1 + sigmaFull1 * (Math.PI - angleFull1)) / Math.PI);
        const dotSigmaFull1 = p === r ? dotQ1[p] : 0.5 - 0.5 * (angleFull1 / Math.PI);
        thetaHatFull1[cell] = dotSigmaFull1 * thetaFull1;
      }
    }
    // 19 layers that repeat, called as the first of them.
    let qHatBefore = qHat1;
    for (let layer = 0; layer < 19; layer++) {
      const mu2 = weights[1 + layer];
      const qHat1Conv = new Float64Array(4); // [p]
      const q2 = new Float64Array(4); // [p]
      const qHat2 = new Float64Array(4); // [p]
      const dotQ2 = new Float64Array(4); // [p]
      // qHat1Conv[P] = 0.3333333333333333 · Σ_o qHatBefore[p(o P)]
      shift(qHatBefore, [1, 4, 1], window1, 0.3333333333333333, qHat1Conv);
      // sigmaHatFull1Conv[P P'] = 0.3333333333333333 · Σ_o sigmaHatFullBefore[p(o P) p(o P')]
      shiftBoth(sigmaHatFullBefore, [1, 4, 1], window1, 0.3333333333333333, sigmaHatFull1Conv);
      // thetaHatFull1Conv[P P'] = 0.3333333333333333 · Σ_o thetaHatFullBefore[p(o P) p(o P')]
      shiftBoth(thetaHatFullBefore, [1, 4, 1], window1, 0.3333333333333333, thetaHatFull1Conv);
      for (let p = 0; p < 4; p++) {
        q2[p] = 1.6900000000000002 * qHat1Conv[p] + 0.010000000000000002;
        qHat2[p] = 0.5 * q2[p];
        dotQ2[p] = 0.5;
      }
      for (let p = 0, cell = 0; p < 4; p++) {
        for (let r = 0; r < 4; r++, cell++) {
          const sigmaFull2 = 1.6900000000000002 * sigmaHatFull1Conv[cell] + 0.010000000000000002;
          const thetaFull2 = 1.6900000000000002 * thetaHatFull1Conv[cell] + mu2 * sigmaFull2;
          const sFull2 = Math.sqrt(Math.max(0, q2[p] * q2[r] - sigmaFull2 * sigmaFull2));
          const angleFull2 = Math.atan2(sFull2, sigmaFull2);
          sigmaHatFull2[cell] = p === r ? qHat2[p] : 0.5 * ((sFull2 + sigmaFull2 * (Math.PI - angleFull2)) / Math.PI);
          const dotSigmaFull2 = p === r ? dotQ2[p] : 0.5 - 0.5 * (angleFull2 / Math.PI);
          thetaHatFull2[cell] = dotSigmaFull2 * thetaFull2;
        }
      }
      layers.push({ q2 });
      // sigmaHatFull2 stands where sigmaHatFullBefore was: the next layer reads it there.
      // thetaHatFull2 stands where thetaHatFullBefore was: the next layer reads it there.
      qHatBefore = qHat2;
    }
    // sigmaHatFull20Conv[P P'] = 0.3333333333333333 · Σ_o sigmaHatFull20[p(o P) p(o P')]
    shiftBoth(sigmaHatFull20, [1, 4, 1], window1, 0.3333333333333333, sigmaHatFull20Conv);
    // thetaHatFull20Conv[P P'] = 0.3333333333333333 · Σ_o thetaHatFull20[p(o P) p(o P')]
    shiftBoth(thetaHatFull20, [1, 4, 1], window1, 0.3333333333333333, thetaHatFull20Conv);
    for (let p = 0, cell = 0; p < 4; p++) {
      for (let r = 0; r < 4; r++, cell++) {
        sigmaFull21[cell] = 1.6900000000000002 * sigmaHatFull20Conv[cell] + 0.010000000000000002;
        thetaFull21[cell] = 1.6900000000000002 * thetaHatFull20Conv[cell] + mu21 * sigmaFull21[cell];
      }
    }
    const q21Mean = 0.0625 * total(sigmaFull21);
    const t21Mean = 0.0625 * total(thetaFull21);
    const t22 = t21Mean + mu22 * q21Mean;
    samples.push({ x, q1, t22, layers });
  }
  return { n, weights, samples };
}

/**
 * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.
 * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.
 */
export function tile(a, i0, i1, b, j0, j1, symmetric, out) {
  const { weights } = a;
  const mu1 = weights[0];
  const mu21 = weights[20];
  const mu22 = weights[21];
  const columns = j1 - j0;
  // Memory, and the arrays that take turns in it.
  const memory1 = new Float64Array(16);
  const memory2 = new Float64Array(16);
  const memory3 = new Float64Array(16);
  const sigma0 = memory1; // [p p']
  const sigma0Conv = memory2; // [p p']
  const sigmaHat1 = memory1; // [p p']
  const thetaHat1 = memory2; // [p p']
  const sigmaHatBefore = memory1; // [p p']
  const thetaHatBefore = memory2; // [p p']
  const sigmaHat1Conv = memory3; // [p p']
  const thetaHat1Conv = memory1; // [p p']
  const sigmaHat2 = memory1; // [p p']
  const thetaHat2 = memory2; // [p p']
  const sigmaHat20 = memory1; // [p p']
  const thetaHat20 = memory2; // [p p']
  const sigmaHat20Conv = memory3; // [p p']
  const thetaHat20Conv = memory1; // [p p']
  const sigma21 = memory2; // [p p']
  const theta21 = memory3; // [p p']
  for (let i = i0; i < i1; i++) {
    const { x, q1: q1_x, layers: layers_x } = a.samples[i];
    const from = symmetric && i > j0 ? i : j0;
    for (let j = from; j < j1; j++) {
      const at = (i - i0) * columns + (j - j0);
      if (symmetric && i === j) {
        out[0][at] = a.samples[i].t22;
        continue;
      }
      const { x: y, q1: q1_y, layers: layers_y } = b.samples[j];
      for (let p = 0, cell = 0; p < 4; p++) {
        for (let r = 0; r < 4; r++, cell++) {
          sigma0[cell] = 0.5 * inner(x, p, y, r);
        }
      }
      // sigma0Conv[P P'] = 0.3333333333333333 · Σ_o sigma0[p(o P) p(o P')]
      shiftBoth(sigma0, [1, 4, 1], window1, 0.3333333333333333, sigma0Conv);
      for (let p = 0, cell = 0; p < 4; p++) {
        for (let r = 0; r < 4; r++, cell++) {
          const sigma1 = 1.6900000000000002 * sigma0Conv[cell] + 0.010000000000000002;
          const theta1 = mu1 * sigma1;
          const s1 = Math.sqrt(Math.max(0, q1_x[p] * q1_y[r] - sigma1 * sigma1));
          const angle1 = Math.atan2(s1, sigma1);
          sigmaHat1[cell] = 0.5 * ((s1 + sigma1 * (Math.PI - angle1)) / Math.PI);
          const dotSigma1 = 0.5 - 0.5 * (angle1 / Math.PI);
          thetaHat1[cell] = dotSigma1 * theta1;
        }
      }
      // 19 layers that repeat, called as the first of them.
      for (let layer = 0; layer < 19; layer++) {
        const mu2 = weights[1 + layer];
        const { q2: q2_x } = layers_x[layer];
        const { q2: q2_y } = layers_y[layer];
        // sigmaHat1Conv[P P'] = 0.3333333333333333 · Σ_o sigmaHatBefore[p(o P) p(o P')]
        shiftBoth(sigmaHatBefore, [1, 4, 1], window1, 0.3333333333333333, sigmaHat1Conv);
        // thetaHat1Conv[P P'] = 0.3333333333333333 · Σ_o thetaHatBefore[p(o P) p(o P')]
        shiftBoth(thetaHatBefore, [1, 4, 1], window1, 0.3333333333333333, thetaHat1Conv);
        for (let p = 0, cell = 0; p < 4; p++) {
          for (let r = 0; r < 4; r++, cell++) {
            const sigma2 = 1.6900000000000002 * sigmaHat1Conv[cell] + 0.010000000000000002;
            const theta2 = 1.6900000000000002 * thetaHat1Conv[cell] + mu2 * sigma2;
            const s2 = Math.sqrt(Math.max(0, q2_x[p] * q2_y[r] - sigma2 * sigma2));
            const angle2 = Math.atan2(s2, sigma2);
            sigmaHat2[cell] = 0.5 * ((s2 + sigma2 * (Math.PI - angle2)) / Math.PI);
            const dotSigma2 = 0.5 - 0.5 * (angle2 / Math.PI);
            thetaHat2[cell] = dotSigma2 * theta2;
          }
        }
        // sigmaHat2 stands where sigmaHatBefore was: the next layer reads it there.
        // thetaHat2 stands where thetaHatBefore was: the next layer reads it there.
      }
      // sigmaHat20Conv[P P'] = 0.3333333333333333 · Σ_o sigmaHat20[p(o P) p(o P')]
      shiftBoth(sigmaHat20, [1, 4, 1], window1, 0.3333333333333333, sigmaHat20Conv);
      // thetaHat20Conv[P P'] = 0.3333333333333333 · Σ_o thetaHat20[p(o P) p(o P')]
      shiftBoth(thetaHat20, [1, 4, 1], window1, 0.3333333333333333, thetaHat20Conv);
      for (let p = 0, cell = 0; p < 4; p++) {
        for (let r = 0; r < 4; r++, cell++) {
          sigma21[cell] = 1.6900000000000002 * sigmaHat20Conv[cell] + 0.010000000000000002;
          theta21[cell] = 1.6900000000000002 * thetaHat20Conv[cell] + mu21 * sigma21[cell];
        }
      }
      const sigma21Mean = 0.0625 * total(sigma21);
      const theta21Mean = 0.0625 * total(theta21);
      const theta22 = theta21Mean + mu22 * sigma21Mean;
      out[0][at] = theta22;
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
