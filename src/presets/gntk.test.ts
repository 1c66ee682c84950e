/** The GNTK against its code, written again in loops. */
import { describe, expect, it } from 'vitest';
import { derive } from '../derive/index.ts';
import { evaluateProgram } from '../ir/program/index.ts';
import { type GntkOptions, gntk, graphPattern } from './index.ts';

type Matrix = readonly (readonly number[])[];
interface Graph {
  readonly features: Matrix;
  readonly edges: readonly (readonly [number, number])[];
}
const features = (nodes: number, seed: number): Matrix =>
  Array.from({ length: nodes }, (_, p) => [1, Math.sin(seed + p * p), Math.cos(seed * p)]);
const path: Graph = {
  features: features(4, 1),
  edges: [
    [0, 1],
    [1, 2],
    [2, 3],
  ],
};
const star: Graph = {
  features: features(5, 2),
  edges: [
    [0, 1],
    [0, 2],
    [0, 3],
    [0, 4],
    [3, 4],
  ],
};
type Scale = 'uniform' | 'degree';

const rows = (graph: Graph, scale: Scale): Matrix => {
  const n = graph.features.length;
  const a = graphPattern(graph.edges, n, n, scale);
  return Array.from({ length: n }, (_, p) => [...a.subarray(p * n, (p + 1) * n)]);
};
const map = (k: Matrix, f: (v: number, p: number, q: number) => number): Matrix =>
  k.map((row, p) => row.map((v, q) => f(v, p, q)));

/** sigma and ntk of all pairs of nodes, layer by layer, as gntk.py has it. */
function theirs(g: Graph, h: Graph, { layers, mlpLayers, jumpingKnowledge }: GntkOptions, scale: Scale): number {
  const [a, b] = [rows(g, scale), rows(h, scale)];
  const adjacent = (k: Matrix, left: Matrix, right: Matrix): Matrix =>
    left.map((l) =>
      right.map((r) => l.reduce((sum, x, p) => sum + x * r.reduce((s, y, q) => s + y * (k[p]?.[q] as number), 0), 0)),
    );
  const inner = (x: Matrix, y: Matrix): Matrix =>
    x.map((u) => y.map((v) => u.reduce((s, c, i) => s + c * (v[i] as number), 0)));
  let [s, sg, sh] = [inner(g.features, h.features), inner(g.features, g.features), inner(h.features, h.features)];
  const jump = [s];
  const spread = () => {
    [s, sg, sh] = [adjacent(s, a, b), adjacent(sg, a, a), adjacent(sh, b, b)];
  };
  spread();
  let ntk = s;
  for (let layer = 1; layer < layers; layer++) {
    for (let m = 0; m < mlpLayers; m++) {
      const next = (k: Matrix, dp: Matrix, dq: Matrix) => {
        const length = (p: number, q: number) => Math.sqrt((dp[p]?.[p] as number) * (dq[q]?.[q] as number));
        const rho = map(k, (v, p, q) => Math.min(1, Math.max(-1, v / length(p, q))));
        return {
          dot: map(rho, (c) => (Math.PI - Math.acos(c)) / Math.PI),
          sigma: map(
            rho,
            (c, p, q) => ((c * (Math.PI - Math.acos(c)) + Math.sqrt(1 - c * c)) / Math.PI) * length(p, q),
          ),
        };
      };
      const { sigma, dot } = next(s, sg, sh);
      [sg, sh, s] = [next(sg, sg, sg).sigma, next(sh, sh, sh).sigma, sigma];
      const carried = ntk;
      ntk = map(sigma, (v, p, q) => (carried[p]?.[q] as number) * (dot[p]?.[q] as number) + v);
    }
    jump.push(ntk);
    if (layer === layers - 1) break;
    spread();
    ntk = adjacent(ntk, a, b);
  }
  const total = (k: Matrix) => k.flat().reduce((x, y) => x + y, 0);
  return 2 * (jumpingKnowledge ? jump.reduce((sum, k) => sum + total(k), 0) : total(ntk));
}

const nodes = 6;
const sample = (g: Graph, scale: Scale) => ({
  x: Array.from({ length: nodes }, (_, p) => g.features[p] ?? [0, 0, 0]).flat(),
  pattern: [...graphPattern(g.edges, g.features.length, nodes, scale)],
  present: Array.from({ length: nodes }, (_, p) => (p < g.features.length ? 1 : 0)),
});

describe('gntk', () => {
  it.each([
    [2, 1, false, 'uniform'],
    [3, 2, false, 'degree'],
    [2, 1, true, 'degree'],
    [4, 1, true, 'uniform'],
    [3, 2, true, 'degree'],
  ] as const)('%i layers of %i, jumping knowledge %s, scale %s', (layers, mlpLayers, jumpingKnowledge, scale) => {
    const options = { nodes, features: 3, layers, mlpLayers, jumpingKnowledge };
    const { program } = derive(gntk(options), 'wntk');
    for (const [g, h] of [
      [path, star],
      [star, path],
      [path, path],
    ] as const) {
      const ours = evaluateProgram(program, sample(g, scale), sample(h, scale)).get('wntk') as number;
      // Equal graphs have equal nodes, where the angle of an arc cosine is good to 1e-8.
      expect(Math.abs(ours / theirs(g, h, options, scale) - 1)).toBeLessThan(1e-7);
    }
  });

  it('refuses graphs without layers, and edges to nowhere', () => {
    expect(() => gntk({ nodes, features: 3, layers: 1, mlpLayers: 1, jumpingKnowledge: true })).toThrow(
      /layers is 1.*2/,
    );
    expect(() => graphPattern([[0, 4]], 4, 6)).toThrow(/edge from 0 to 4.*edges\[0\]/);
  });
});
