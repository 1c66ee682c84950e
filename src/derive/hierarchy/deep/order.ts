/** How contractions grow with the width m: the power of m of their root mean square over the weights. */
import { type Contraction, canonical, type Factor, isDummy, type Term } from '../../../ir/einsum/index.ts';
import { isWeight, numberOf } from './sums.ts';

/** W_ij of a layer: ends [i, j]; the index of the output is not summed. */
interface Edge {
  readonly layer: number;
  readonly ends: readonly [number, number];
}

/** Orders of contractions, each shape computed once. */
export function orderTable(): (c: Contraction) => number {
  const byShape = new Map<string, number>();
  const byContraction: number[] = [];
  return (c) => {
    byContraction[c.id] ??= fromShape(c.factors, byShape);
    return byContraction[c.id]!;
  };
}

/** Activations stand at every index, so that the weights alone matter; where there are none, there is one index. */
function fromShape(factors: readonly Factor[], known: Map<string, number>): number {
  const weights = factors.filter(isWeight);
  if (weights.length === 0) return factors[0]!.tensor === 'u1' ? 0 : 1;
  const shape = canonical(weights);
  const order = known.get(shape.key) ?? rootMeanSquareOrder(shape.factors);
  known.set(shape.key, order);
  return order;
}

/**
 * Largest power of m of √E c² for a contraction c with these weights, without its scales.
 * @derived Wick: E c² sums over ways to pair weights of c and a copy of it. A weight paired within c sets indices equal (each
 * costs 1), or acts on the activation of its own neuron and brings a scale 1/√m (½); one paired with its double in the copy
 * makes its two indices common to both (½ each, once); other pairings are no larger, by Cauchy–Schwarz. Two equal weights
 * pair for nothing, so they count as none.
 */
export function rootMeanSquareOrder(weights: readonly Factor[]): number {
  const edges = weights.map(({ tensor, indices: [i, j] }): Edge => ({ layer: numberOf(tensor), ends: [i!, j!] }));
  const { core, leaves } = coreOf(edges);
  const indices = new Set(weights.flatMap((w) => w.indices)).size - (edges.some(endsAtOutput) ? 1 : 0);
  return componentsOf(core).reduce((sum, part) => sum - leastCost(part), indices - leaves / 2);
}

/** The same for a term; its scales but the first layer's are 1/√m. */
export function termOrder({ powers, contractions }: Term, orderOf: (c: Contraction) => number): number {
  const scales = powers.reduce((sum, power, l) => (l === 0 ? sum : sum - power / 2), 0);
  return contractions.reduce((sum, c) => sum + orderOf(c), scales);
}

const isOutput = (indices: readonly number[]): boolean => indices.length === 1 && !isDummy(indices[0]!);
const endsAtOutput = ({ ends }: Edge): boolean => !isDummy(ends[0]);

/**
 * Weights but equal pairs, and but leaves: those with an index that no other weight has, in turn. A leaf costs ½, for to set
 * its index equal to another gains nothing.
 */
function coreOf(edges: readonly Edge[]): { readonly core: readonly Edge[]; readonly leaves: number } {
  const odd = new Map<string, Edge>();
  for (const edge of edges) if (!odd.delete(`${edge.ends}`)) odd.set(`${edge.ends}`, edge);
  let core = [...odd.values()];
  for (;;) {
    const degree = new Map<number, number>();
    for (const { ends } of core) for (const end of ends) degree.set(end, (degree.get(end) ?? 0) + 1);
    const next = core.findIndex(({ ends }) => ends.some((end) => isDummy(end) && degree.get(end) === 1));
    if (next < 0) return { core, leaves: odd.size - core.length };
    core = core.filter((_, n) => n !== next);
  }
}

/** Connected parts; together they cost no less than one by one, again by Cauchy–Schwarz. */
function componentsOf(edges: readonly Edge[]): readonly (readonly Edge[])[] {
  const parts: Edge[][] = [];
  for (const edge of edges) {
    const touching = parts.filter((part) => part.some(({ ends }) => ends.some((end) => edge.ends.includes(end))));
    const rest = parts.filter((part) => !touching.includes(part));
    parts.splice(0, parts.length, ...rest, [edge, ...touching.flat()]);
  }
  return parts;
}

/** The least cost, layer by layer, for weights only join neighbouring layers. */
function leastCost(edges: readonly Edge[]): number {
  const layers = new Map<number, Set<number>>();
  for (const { layer, ends } of edges)
    ends.forEach((index, side) => {
      layers.set(layer - side, (layers.get(layer - side) ?? new Set()).add(index));
    });
  let below: { readonly indices: readonly number[]; readonly costs: Costs } | undefined;
  for (const layer of [...layers.keys()].sort((a, b) => a - b)) {
    const indices = [...layers.get(layer)!];
    const own = ownCosts(indices);
    below = { indices, costs: below === undefined ? own : joined(edges, indices, own, below.indices, below.costs) };
  }
  return Math.min(...below!.costs.map((byHeld) => Math.min(...byHeld)));
}

/** costs[partition][held]: the least cost up to a layer where its indices are set equal so, and those classes are held. */
type Costs = readonly Float64Array[];

const ownCosts = (indices: readonly number[]): Costs =>
  partitionsOf(indices.length).map(({ classes }) =>
    Float64Array.from({ length: 1 << classes }, (_, held) =>
      isOutput(indices) ? 0 : indices.length - classes + ones(held) / 2,
    ),
  );

/** The same for the layer above: a weight between classes that is left over costs ½, unless both are held. */
function joined(edges: readonly Edge[], above: readonly number[], own: Costs, below: readonly number[], costs: Costs) {
  const [upper, lower] = [partitionsOf(above.length), partitionsOf(below.length)];
  const at = edges.flatMap(({ ends: [i, j] }) =>
    above.includes(i) ? [[above.indexOf(i), below.indexOf(j)] as const] : [],
  );
  // The output has no activation that its weights could act on.
  const price = isOutput(above) ? Number.POSITIVE_INFINITY : 0.5;
  return upper.map(({ classOf, classes }, p) => {
    const least = new Float64Array(1 << classes).fill(Number.POSITIVE_INFINITY);
    lower.forEach((partition, q) => {
      const rows = new Array<number>(classes).fill(0);
      for (const [i, j] of at) rows[classOf[i]!] = rows[classOf[i]!]! ^ (1 << partition.classOf[j]!);
      const byHeld = costs[q]!;
      for (let held = 0; held < least.length; held++)
        for (let under = 0; under < byHeld.length; under++) {
          let left = 0;
          for (let c = 0; c < classes; c++) left += ones(((held >> c) & 1) === 1 ? rows[c]! & ~under : rows[c]!);
          const cost = byHeld[under]! + (left === 0 ? 0 : left * price);
          if (cost < least[held]!) least[held] = cost;
        }
    });
    return least.map((cost, held) => cost + own[p]![held]!);
  });
}

/** Some indices of one layer set equal: the class of each. */
interface Partition {
  readonly classOf: readonly number[];
  readonly classes: number;
}

const knownPartitions: (readonly Partition[])[] = [];

function partitionsOf(n: number): readonly Partition[] {
  knownPartitions[n] ??= partitions(n).map((classOf) => ({ classOf, classes: Math.max(...classOf) + 1 }));
  return knownPartitions[n];
}

const partitions = (n: number): readonly (readonly number[])[] =>
  n === 0
    ? [[]]
    : partitions(n - 1).flatMap((rest) => Array.from({ length: Math.max(-1, ...rest) + 2 }, (_, k) => [...rest, k]));

/** Bits set, of at most 32. */
function ones(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count++;
  return count;
}
