import { NtkcError } from '../errors.ts';
import type { LayerInput, Network } from '../ir/arch/index.ts';
import { aggregate, concat, dense, globalSumPool, network, relu } from '../ops/vocabulary.ts';
import { requireWhole } from './requireWhole.ts';

export interface GntkOptions {
  /** Nodes of the largest graph; smaller ones lack the last of them: `present` of the inputs says so. */
  readonly nodes: number;
  /** Features of a node. */
  readonly features: number;
  /** As their code counts: the input, and so many less one of aggregation and perceptron. */
  readonly layers: number;
  /** ReLU layers after each aggregation. */
  readonly mlpLayers: number;
  /** The sum over the kernels of all layers in place of the last one's. */
  readonly jumpingKnowledge: boolean;
}

/**
 * The GNTK of Du et al. 2019 in the numbers of their code; use the kernel wntk. Input: [nodes, features] a graph, and its
 * pattern (see `graphPattern`). Node features enter as ⟨h, h'⟩ without a mean, ReLU with He scaling; the readout sums
 * over nodes, times 2, and has no part in the NTK.
 * @throws NtkcError for numbers that are not whole, or too few
 */
export function gntk({ nodes, features, layers, mlpLayers, jumpingKnowledge }: GntkOptions): Network {
  requireWhole(['nodes', nodes, 1], ['features', features, 1], ['layers', layers, 2], ['mlpLayers', mlpLayers, 1]);
  const start = dense({ wStd: Math.sqrt(features) });
  const perceptron = Array.from({ length: mlpLayers }, () => [relu(), dense({ wStd: Math.SQRT2 })]).flat();
  // From the last layer to the first: with jumping knowledge each also goes to the readout, side by side with all after it.
  let rest: readonly LayerInput[] = [];
  for (let layer = layers - 1; layer >= 1; layer--) {
    const next = rest.length === 0 ? [] : jumpingKnowledge ? [concat([[], rest])] : rest;
    rest = [aggregate(), ...(layer === 1 ? [start] : []), ...perceptron, ...next];
  }
  const body = jumpingKnowledge ? [concat([[start], rest])] : rest;
  // Side by side, kernels are averaged: so many times that is their sum.
  const readout = dense({ wStd: Math.sqrt(jumpingKnowledge ? 2 * layers : 2), ntkWeight: 0 });
  return network({
    name: `gntk-${layers}-${mlpLayers}`,
    input: { shape: [nodes, features], masked: true },
    layers: [...body, globalSumPool(), readout],
  });
}

/**
 * The pattern [nodes nodes] of a graph from its edges: 1 for each edge in both directions and for a loop at each of its
 * `size` nodes; "degree" divides each row by its sum, so that a node takes the mean over its neighbours.
 * @throws NtkcError for an edge to a node that is not there
 */
export function graphPattern(
  edges: readonly (readonly [number, number])[],
  size: number,
  nodes: number,
  scale: 'uniform' | 'degree' = 'uniform',
): Float64Array {
  const pattern = new Float64Array(nodes * nodes);
  for (let p = 0; p < size; p++) pattern[p * nodes + p] = 1;
  for (const [at, [from, to]] of edges.entries()) {
    if (![from, to].every((p) => Number.isInteger(p) && p >= 0 && p < size))
      throw new NtkcError({
        what: `an edge from ${from} to ${to} in a graph of ${size} nodes`,
        where: `edges[${at}]`,
        expected: `nodes from 0 to ${size - 1}`,
      });
    pattern[from * nodes + to] = 1;
    pattern[to * nodes + from] = 1;
  }
  if (scale === 'uniform') return pattern;
  for (let p = 0; p < size; p++) {
    const row = pattern.subarray(p * nodes, (p + 1) * nodes);
    const degree = row.reduce((sum, v) => sum + v, 0);
    row.forEach((v, q) => {
      row[q] = v / degree;
    });
  }
  return pattern;
}
