/** Patterns of graphs by their edges. */
import { jsonPath, NtkcError } from '../errors.ts';

/** From a node to another, with a weight, by default 1. An edge without direction is two, one each way. */
export type Edge = readonly [from: number, to: number, weight?: number];

/**
 * Patterns of graphs with `positions` nodes, [n p p'] row-major: A[to from] is the weight of the edge, the sum of the
 * weights where it is given several times, 0 where there is none. Nodes do not belong to their own neighbours unless an
 * edge says so.
 * @throws NtkcError naming the edge that is none
 */
export function patternsOfEdges(graphs: readonly (readonly Edge[])[], positions: number): Float64Array {
  const patterns = new Float64Array(graphs.length * positions ** 2);
  graphs.forEach((edges, i) => {
    patterns.set(patternOfEdges(edges, positions, jsonPath('graphs', [i])), i * positions ** 2);
  });
  return patterns;
}

/** The pattern of one graph, called `name` in complaints. */
export function patternOfEdges(edges: readonly Edge[], positions: number, name: string): Float64Array {
  const pattern = new Float64Array(positions ** 2);
  const isNode = (v: unknown) => Number.isInteger(v) && (v as number) >= 0 && (v as number) < positions;
  edges.forEach((edge, e) => {
    const [from, to, weight = 1] = Array.isArray(edge) ? edge : [];
    if (!isNode(from) || !isNode(to) || !Number.isFinite(weight) || edge.length > 3)
      throw new NtkcError({
        what: `${JSON.stringify(edge)} is no edge`,
        where: jsonPath(name, [e]),
        expected: `[from, to] or [from, to, weight], nodes counted from 0 to ${positions - 1}`,
      });
    const at = (to as number) * positions + (from as number);
    pattern[at] = (pattern[at] as number) + weight;
  });
  return pattern;
}
