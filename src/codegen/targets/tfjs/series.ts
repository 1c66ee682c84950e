/** Source of what formula activations need at run time: Gaussian means, Hermite coefficients, their series. */
import { gaussLegendre } from '../../../ir/gaussian/legendre.ts';
import { numberText } from './math.ts';

/** Terms of the series: enough for float32 where φ is smooth and its input's variance moderate; truncationBound says. */
const degree = 64;
const panels = 12;
const panelNodes = 16;

/** The helpers a module needs: for smooth formulas, formulas with kinks, or both; and those of pairs. */
export function seriesHelpers(smooth: boolean, kinked: boolean, ofPairs: string = pairHelpers): string {
  return [common, smooth ? smoothHelper : '', kinked ? kinkedHelper() : '', ofPairs].filter(Boolean).join('\n');
}

const common = `
/** Terms of every Hermite series. More terms cost time in proportion and make truncationBound smaller. */
export const degree = ${degree};

/** Gaussian means are taken over |z| ≤ reach. */
const reach = 12;

interface Expansion {
  /** a[n p] = E φ(√q z) h_p(z): coefficients in the orthonormal Hermite polynomials h_p, z ~ N(0, 1). */
  readonly a: tf.Tensor2D;
  /** second[n 1] = E φ(√q z)², by quadrature: the series at equal inputs with no term left out. */
  readonly second: tf.Tensor2D;
  /** tail[n 1] = 1 − Σ_p a_p² / second: what the terms left out hold of it (Parseval). */
  readonly tail: tf.Tensor2D;
}

function expansion(a: tf.Tensor2D, second: tf.Tensor2D): Expansion {
  const kept: tf.Tensor2D = tf.sum(tf.square(a), 1, true);
  const tail: tf.Tensor2D = tf.divNoNan(tf.relu(tf.sub(second, kept)), second);
  return { a, second, tail };
}
`;

const smoothHelper = `
/** Nodes of the trapezoidal rule on |z| ≤ reach: its error falls exponentially with their number for smooth φ. */
const nodes = 481;

/** The rule's nodes z[1 g], evenly spaced: in float64, since tf.linspace adds up float32 steps on some backends. */
const ruleNodes = (): tf.Tensor2D => {
  const z = Array.from({ length: nodes }, (_, g) => reach * ((2 * g) / (nodes - 1) - 1));
  return tf.tensor2d(z, [1, nodes]);
};

/** basis[p g] = h_p(z_g) √(density(z_g) step): the Hermite functions, bounded, so nothing overflows. In float64. */
function hermiteBasis(): tf.Tensor2D {
  const basis = new Float32Array(degree * nodes);
  const step = (2 * reach) / (nodes - 1);
  for (let g = 0; g < nodes; g++) {
    const z = g * step - reach;
    let before = 0;
    let value = Math.exp((-z * z) / 4) * Math.sqrt(step / Math.sqrt(2 * Math.PI));
    for (let p = 0; p < degree; p++) {
      basis[p * nodes + g] = value;
      // √(p+1) h_{p+1} = z h_p − √p h_{p−1}
      [before, value] = [value, (z * value - Math.sqrt(p) * before) / Math.sqrt(p + 1)];
    }
  }
  return tf.tensor2d(basis, [degree, nodes]);
}

/** Hermite expansion of a smooth φ under N(0, q[n 1]). */
function expand(phi: (x: tf.Tensor) => tf.Tensor, q: tf.Tensor): Expansion {
  const basis = hermiteBasis(); // [p g]
  const x = tf.mul(tf.sqrt(q), ruleNodes()); // [n g]
  const values: tf.Tensor2D = tf.mul(phi(x), tf.slice(basis, [0, 0], [1, nodes])); // [n g]
  return expansion(tf.matMul(values, basis, false, true), tf.sum(tf.square(values), 1, true));
}
`;

function kinkedHelper(): string {
  const rule = gaussLegendre(panelNodes);
  const list = (values: Float64Array) => {
    const texts = [...values].map(numberText);
    const rows = Array.from({ length: Math.ceil(texts.length / 4) }, (_, i) => texts.slice(4 * i, 4 * i + 4));
    return `[\n${rows.map((row) => `  ${row.join(', ')},\n`).join('')}]`;
  };
  return `
/** Gauss–Legendre rule on [-1, 1]. */
const legendreNodes: readonly number[] = ${list(rule.nodes)};
const legendreWeights: readonly number[] = ${list(rule.weights)};

/** Panels between two kinks. */
const panels = ${panels};

/** Nodes and weights of the rule on panels of equal width in [0, 1], each [1 g]. */
function unitRule(): { readonly t: tf.Tensor2D; readonly w: tf.Tensor2D } {
  const starts = Array.from({ length: panels }, (_, i) => i);
  const t = starts.flatMap((i) => legendreNodes.map((node) => (i + (1 + node) / 2) / panels));
  const w = starts.flatMap(() => legendreWeights.map((weight) => weight / (2 * panels)));
  return { t: tf.tensor2d(t, [1, t.length]), w: tf.tensor2d(w, [1, w.length]) };
}

/** Hermite expansion of a φ with kinks under N(0, q[n 1]): every sample has panels cut where √q z is a kink. */
function expandKinked(phi: (x: tf.Tensor) => tf.Tensor, q: tf.Tensor, kinks: readonly number[]): Expansion {
  const n = q.shape[0] ?? 0;
  const scale: tf.Tensor2D = tf.sqrt(tf.maximum(q, 1e-30)); // [n 1]
  const cuts = kinks.map((kink): tf.Tensor2D => tf.clipByValue(tf.div(kink, scale), -reach, reach)); // each [n 1]
  const edges: tf.Tensor2D[] = [tf.fill([n, 1], -reach), ...cuts, tf.fill([n, 1], reach)];
  const { t, w } = unitRule();
  const widths = edges.slice(1).map((edge, i): tf.Tensor2D => tf.sub(edge, edges[i] ?? edge)); // each [n 1]
  const z = tf.concat2d(widths.map((width, i): tf.Tensor2D => tf.add(edges[i] ?? width, tf.mul(width, t))), 1); // [n g]
  const weights = tf.concat2d(widths.map((width): tf.Tensor2D => tf.mul(width, w)), 1); // [n g]
  // Hermite functions times √weight, so that nothing overflows: now = h_p(z) √(density weight), [n g].
  const gauss = tf.exp(tf.mul(tf.square(z), -0.25));
  let now: tf.Tensor2D = tf.mul(tf.mul(gauss, tf.sqrt(weights)), (2 * Math.PI) ** -0.25);
  let before: tf.Tensor2D = tf.zerosLike(now);
  const values: tf.Tensor2D = tf.mul(phi(tf.mul(scale, z)), now); // [n g]
  const a: tf.Tensor2D[] = [];
  for (let p = 0; p < degree; p++) {
    a.push(tf.sum(tf.mul(values, now), 1, true));
    const [h, back] = [now, before];
    // √(p+1) h_{p+1} = z h_p − √p h_{p−1}
    now = tf.tidy(() => tf.div(tf.sub(tf.mul(z, h), tf.mul(back, Math.sqrt(p))), Math.sqrt(p + 1)));
    back.dispose();
    before = h;
  }
  return expansion(tf.concat2d(a, 1), tf.sum(tf.square(values), 1, true));
}
`;
}

const pairHelpers = `
/** rho[n m] = k / √(q q'), within ±1. */
function correlation(k: tf.Tensor, qx: tf.Tensor, qy: tf.Tensor): tf.Tensor {
  const inverseRoot = (q: tf.Tensor): tf.Tensor => tf.rsqrt(tf.maximum(q, 1e-30));
  return tf.clipByValue(tf.mul(k, tf.mul(inverseRoot(qx), inverseRoot(qy))), -1, 1);
}

/** Σ_p a[n p] b[p m] rho[n m]^p = E φ(u) φ(v) (Mehler), by Horner's rule. */
function series(a: tf.Tensor, b: tf.Tensor, rho: tf.Tensor): tf.Tensor2D {
  const term = (p: number): tf.Tensor2D => tf.matMul(tf.slice(a, [0, p], [-1, 1]), tf.slice(b, [p, 0], [1, -1]));
  let sum = tf.tidy(() => term(degree - 1));
  for (let p = degree - 2; p >= 0; p--) {
    const above = sum;
    sum = tf.tidy(() => tf.add(tf.mul(above, rho), term(p)));
    above.dispose();
  }
  return sum;
}
`;
