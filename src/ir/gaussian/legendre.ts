/** A Gauss–Legendre rule on [-1, 1]: nodes ascending, weights summing to 2. */
export interface LegendreRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** P_n(t) and P_n'(t) by the three-term recurrence (n+1) P_{n+1} = (2n+1) t P_n − n P_{n−1}. */
function legendre(n: number, t: number): { value: number; slope: number } {
  let previous = 1;
  let value = t;
  for (let k = 1; k < n; k++) [previous, value] = [value, ((2 * k + 1) * t * value - k * previous) / (k + 1)];
  return { value, slope: (n * (previous - t * value)) / (1 - t * t) };
}

/**
 * The n-point Gauss–Legendre rule (n ≥ 2), exact for polynomials of degree 2n − 1.
 * @derived Newton on P_n from the guess cos(π(i + 3/4)/(n + 1/2)); weight 2/((1 − t²) P_n'(t)²).
 */
export function gaussLegendre(n: number): LegendreRule {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n / 2; i++) {
    let t = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    if (n % 2 === 1 && i === (n - 1) / 2) t = 0;
    for (let step = 0; step < 8; step++) {
      const { value, slope } = legendre(n, t);
      t -= value / slope;
    }
    const { slope } = legendre(n, t);
    const weight = 2 / ((1 - t * t) * slope * slope);
    nodes[i] = -t;
    nodes[n - 1 - i] = t;
    weights[i] = weight;
    weights[n - 1 - i] = weight;
  }
  return { nodes, weights };
}

/** Nodes in one panel of every composite rule here: polynomials of degree 39 are integrated exactly. */
export const panelNodes = 20;

export const panelRule: LegendreRule = gaussLegendre(panelNodes);

/** How many of the highest Legendre coefficients are looked at to call a panel resolved. */
const probes = 3;

// probe[c i]: the functional f ↦ Legendre coefficient n − probes + c of the interpolant through f(t_i).
const probe = Array.from({ length: probes }, (_, c) => {
  const k = panelNodes - probes + c;
  return Float64Array.from(panelRule.nodes, (t, i) => (k + 0.5) * panelRule.weights[i]! * legendre(k, t).value);
});

/** The largest of the last three Legendre coefficients of the polynomial through values[20] at the panel's nodes. */
export function unresolvedPart(values: Float64Array): number {
  let largest = 0;
  for (const row of probe) {
    let coefficient = 0;
    for (let i = 0; i < panelNodes; i++) coefficient += row[i]! * values[i]!;
    // A NaN (from ∞ − ∞) must not look resolved.
    largest = Math.abs(coefficient) <= largest ? largest : Math.abs(coefficient);
  }
  return largest;
}

/** Places next to a panel's ends, as fractions of its width: the nodes themselves come no closer than 0.0034. */
export const endFractions = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8] as const;

// endRows[c i]: the Lagrange polynomial of node i at t = −1 + 2·endFractions[c] (mirrored for the right end).
const endRows = endFractions.map((fraction) => {
  const t = 2 * fraction - 1;
  return Float64Array.from(panelRule.nodes, (node, i) => {
    let sum = 0.5;
    for (let k = 1; k < panelNodes; k++) sum += (k + 0.5) * legendre(k, node).value * legendre(k, t).value;
    return panelRule.weights[i]! * sum;
  });
});

/** The polynomial through values[20], endFractions[c] of the width away from the panel's left or right end. */
export function nearEnd(values: Float64Array, c: number, end: 'left' | 'right'): number {
  const row = endRows[c]!;
  let sum = 0;
  for (let i = 0; i < panelNodes; i++) sum += row[i]! * values[end === 'left' ? i : panelNodes - 1 - i]!;
  return sum;
}
