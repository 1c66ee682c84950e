import { panelNodes, panelRule, unresolvedPart } from './legendre.ts';

/** A panel whose last Legendre coefficients, times its width, are below this times scale is integrated far better still. */
const accepted = 1e-10;
const deepest = 40;

/**
 * ∫ f over [ends[0], ends.at(-1)], by 20-point Gauss–Legendre on each interval of ends, halving any interval on which f is
 * not yet resolved. @derived with Legendre coefficients that decay like r^k, the rule misses r^40 where r^19 is accepted.
 * @param scale the size against which the integral must be right.
 */
export function integrate(f: (z: number) => number, ends: readonly number[], scale: number): number {
  const values = new Float64Array(panelNodes);
  const panel = (a: number, b: number, depth: number): number => {
    const half = (b - a) / 2;
    const middle = (a + b) / 2;
    let sum = 0;
    for (let i = 0; i < panelNodes; i++) {
      values[i] = f(middle + half * panelRule.nodes[i]!);
      sum += panelRule.weights[i]! * values[i]!;
    }
    if (depth >= deepest || unresolvedPart(values) * half <= accepted * scale) return half * sum;
    return panel(a, middle, depth + 1) + panel(middle, b, depth + 1);
  };
  let total = 0;
  for (let i = 1; i < ends.length; i++) total += panel(ends[i - 1]!, ends[i]!, 0);
  return total;
}

/** Ascending, inside [lo, hi] with both ends, without points that coincide to rounding. */
export function ordered(points: readonly number[], lo: number, hi: number): number[] {
  const ends = [lo];
  for (const z of points.filter((point) => point > lo && point < hi).sort((a, b) => a - b)) {
    if (z - ends[ends.length - 1]! > 1e-15 * (hi - lo)) ends.push(z);
  }
  ends.push(hi);
  return ends;
}
