/*
 * Weighted NTK of 21 layers
 */

export const features = 3;
/** Outputs of tile, in order. */
export const outputs = ['wntk'];
/** Layer weights by default. */
export const layerWeights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

/** What is needed once a sample: x[n d], row-major; weights as layerWeights. */
export function prepare(x, n, weights = layerWeights) {
  const mu1 = weights[0];
  const q0 = new Float64Array(n);
  const q1 = new Float64Array(n);
  const t1 = new Float64Array(n);
  const qHat1 = Array.from({ length: 20 }, () => new Float64Array(n)); // by layer
  const tHat1 = Array.from({ length: 20 }, () => new Float64Array(n)); // by layer
  const q2 = Array.from({ length: 20 }, () => new Float64Array(n)); // by layer
  const t2 = Array.from({ length: 20 }, () => new Float64Array(n)); // by layer
  for (let i = 0; i < n; i++) {
    let squared = 0;
    for (let c = i * features; c < (i + 1) * features; c++) squared += x[c] * x[c];
    q0[i] = squared * 0.3333333333333333;
    q1[i] = 1.9599999999999997 * q0[i] + 0.010000000000000002;
    t1[i] = mu1 * q1[i];
  }
  let qBefore = q1;
  let tBefore = t1;
  for (let layer = 0; layer < 20; layer++) {
    const mu2 = weights[1 + layer];
    for (let i = 0; i < n; i++) {
      qHat1[layer][i] = 0.5 * qBefore[i];
      tHat1[layer][i] = 0.5 * tBefore[i];
      q2[layer][i] = 1.9599999999999997 * qHat1[layer][i] + 0.010000000000000002;
      t2[layer][i] = 1.9599999999999997 * tHat1[layer][i] + mu2 * q2[layer][i];
    }
    qBefore = q2[layer];
    tBefore = t2[layer];
  }
  return { x, n, weights, q0, q1, t1, qHat1, tHat1, q2, t2 };
}

/**
 * Entries [i0, i1) x [j0, j1) of the Gram matrix of two prepared batches, row-major into out[k] for each output.
 * symmetric: both are the same batch; its diagonal is analytic and entries below it are left alone.
 */
export function tile(a, i0, i1, b, j0, j1, symmetric, out) {
  const { weights } = a;
  const mu1 = weights[0];
  const columns = j1 - j0;
  for (let i = i0; i < i1; i++) {
    const from = symmetric && i > j0 ? i : j0;
    for (let j = from; j < j1; j++) {
      const at = (i - i0) * columns + (j - j0);
      if (symmetric && i === j) {
        out[0][at] = a.t2[19][i];
        continue;
      }
      let product = 0;
      for (let c = i * features, e = j * features; c < (i + 1) * features; c++, e++) product += a.x[c] * b.x[e];
      const sigma0 = product * 0.3333333333333333;
      const sigma1 = 1.9599999999999997 * sigma0 + 0.010000000000000002;
      const theta1 = mu1 * sigma1;
      let sigmaBefore = sigma1;
      let thetaBefore = theta1;
      for (let layer = 0; layer < 20; layer++) {
        const mu2 = weights[1 + layer];
        const q2Before_x = (layer === 0 ? a.q1 : a.q2[layer - 1])[i];
        const q2Before_y = (layer === 0 ? b.q1 : b.q2[layer - 1])[j];
        const s1 = Math.sqrt(Math.max(0, q2Before_x * q2Before_y - sigmaBefore * sigmaBefore));
        const angle1 = Math.atan2(s1, sigmaBefore);
        const sigmaHat1 = 0.5 * ((s1 + sigmaBefore * (Math.PI - angle1)) / Math.PI);
        const dotSigma1 = 0.5 - 0.5 * (angle1 / Math.PI);
        const thetaHat1 = dotSigma1 * thetaBefore;
        const sigma2 = 1.9599999999999997 * sigmaHat1 + 0.010000000000000002;
        const theta2 = 1.9599999999999997 * thetaHat1 + mu2 * sigma2;
        sigmaBefore = sigma2;
        thetaBefore = theta2;
      }
      const theta21 = thetaBefore;
      out[0][at] = theta21;
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
