import { panelNodes, panelRule } from './legendre.ts';
import type { Integrands } from './mesh.ts';
import { divergence, type Scalar, variance } from './scalar.ts';

/** A quadrature for ∫ f(z) dz over the line, with the root of the normal density at its nodes. */
export interface GaussianRule {
  /** Nodes, a multiple of 20 of them. */
  readonly z: Float64Array;
  /** Weights of ∫ dz. */
  readonly weights: Float64Array;
  /** (2π)^(−1/4) exp(−z²/4), whose square is the normal density. */
  readonly root: Float64Array;
}

export const rootDensityAtZero = (2 * Math.PI) ** -0.25;

/** exp(−12.5²/4) = 1e-17: what a bounded f loses beyond, relative to its largest value, is below float64's grain. */
const leastRadius = 12.5;
/** exp(−50²/4) = 1e-271: an f that still matters there has a second moment outside float64. */
const mostRadius = 50;
/** Beyond the radius |f(√q z)| exp(−z²/4) stays below e^-39 = 1e-17 of its largest value. */
const logNegligible = 39;
const radiusStep = 0.25;

/**
 * R such that [−R, R] holds all that matters of f(√q z) exp(−z²/4) in L², for each f.
 * @derived scan |z| outwards in steps of 1/4 from 0; R is where the last non-negligible value was seen, and a stretch of
 * 4 below the threshold ends the scan. Throws where a function overflows first or matters beyond R = 50: E f² diverges.
 */
export function tailRadius(functions: readonly Scalar[], q: number): number {
  return functions.reduce((radius, f) => Math.max(radius, tailRadiusOf(f, q)), leastRadius);
}

function tailRadiusOf(f: Scalar, q: number): number {
  const scale = Math.sqrt(q);
  let largest = Number.NEGATIVE_INFINITY;
  let last = 0;
  for (let z = 0; z <= Math.max(leastRadius, last + 4); z += radiusStep) {
    let size = sizeAt(f, scale * z);
    // An isolated singularity is for the cuts to judge; an overflow stays one a little further in.
    if (size === Number.POSITIVE_INFINITY) size = sizeAt(f, scale * (z - radiusStep / 3));
    if (size === Number.POSITIVE_INFINITY) {
      if (z > last + 1 && z > leastRadius) break;
      throw divergence(q);
    }
    const log = Math.log(size) - (z * z) / 4;
    largest = Math.max(largest, log);
    if (log > largest - logNegligible) last = z;
    if (last >= mostRadius) throw divergence(q);
  }
  return last + radiusStep;
}

const sizeAt = (f: Scalar, x: number): number => Math.max(Math.abs(f(x)), Math.abs(f(-x)));

/** Nodes for functions of √q z: cut where the integrands need it, and nowhere wider than widest (in z). */
export function gaussianRule(source: Integrands, q: number, widest: number): GaussianRule {
  const radius = tailRadius(source.functions, variance(q));
  const scale = Math.sqrt(q);
  const ends = finerThan(cutsInside(source, scale, radius), widest);
  const count = (ends.length - 1) * panelNodes;
  const z = new Float64Array(count);
  const weights = new Float64Array(count);
  const root = new Float64Array(count);
  for (let panel = 0, at = 0; panel + 1 < ends.length; panel++) {
    const middle = (ends[panel + 1]! + ends[panel]!) / 2;
    const half = (ends[panel + 1]! - ends[panel]!) / 2;
    for (let i = 0; i < panelNodes; i++, at++) {
      const node = middle + half * panelRule.nodes[i]!;
      z[at] = node;
      weights[at] = half * panelRule.weights[i]!;
      root[at] = rootDensityAtZero * Math.exp((-node * node) / 4);
    }
  }
  return { z, weights, root };
}

/** The integrands' cuts in units of z = x/scale strictly inside (−radius, radius), with ±radius themselves, ascending. */
function cutsInside(source: Integrands, scale: number, radius: number): number[] {
  const ends = [-radius];
  for (const x of source.cuts(Math.max(scale * radius, Number.MIN_VALUE))) {
    const z = x / scale;
    if (z > ends[ends.length - 1]! && z < radius) ends.push(z);
  }
  ends.push(radius);
  return ends;
}

/** ends (ascending), with intervals wider than widest cut evenly. */
export function finerThan(ends: readonly number[], widest: number): number[] {
  const fine = [ends[0]!];
  for (let i = 1; i < ends.length; i++) {
    const a = ends[i - 1]!;
    const parts = Math.ceil((ends[i]! - a) / widest);
    for (let part = 1; part < parts; part++) fine.push(a + ((ends[i]! - a) * part) / parts);
    fine.push(ends[i]!);
  }
  return fine;
}
