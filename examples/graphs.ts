/**
 * Graphs of different sizes, told apart by a graph neural tangent kernel: rings with a chord, and random trees with two
 * edges more, so that a graph of so many nodes has as many edges in either class. A node's features are its degree.
 *
 *     node examples/graphs.ts
 */
import { compile, fit, type GramFunction, gntk, gram, graphPattern, type Inputs, predict } from '../src/index.ts';

const nodes = 14;
const degrees = 6;

interface Graph {
  readonly edges: readonly (readonly [number, number])[];
  readonly size: number;
  readonly label: 1 | -1;
}

/** A stream of numbers in [0, 1), the same every time (mulberry32). */
function randoms(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Both kinds have size + 1 edges: a ring with a chord, or a random tree with two edges more. */
function graphOf(label: 1 | -1, random: () => number): Graph {
  const size = 8 + Math.floor(random() * (nodes - 7));
  const pick = (n: number) => Math.floor(random() * n);
  const other = (p: number) => (p + 1 + pick(size - 1)) % size;
  const ring = Array.from({ length: size }, (_, p) => [p, (p + 1) % size] as const);
  const tree = Array.from({ length: size - 1 }, (_, p) => [p + 1, pick(p + 1)] as const);
  const extra = (count: number) => Array.from({ length: count }, () => pick(size)).map((p) => [p, other(p)] as const);
  return { label, size, edges: label === 1 ? [...ring, ...extra(1)] : [...tree, ...extra(2)] };
}

/** Graphs of different sizes: `present` says which nodes there are; numbers of the others are 0. */
function inputsOf(graphs: readonly Graph[]): Inputs {
  const data = new Float64Array(graphs.length * nodes * degrees);
  const present = new Float64Array(graphs.length * nodes);
  const patterns = new Float64Array(graphs.length * nodes * nodes);
  for (const [i, { edges, size }] of graphs.entries()) {
    patterns.set(graphPattern(edges, size, nodes, 'degree'), i * nodes * nodes);
    for (let p = 0; p < size; p++) {
      const degree = edges.filter((e) => e[0] === p || e[1] === p).length;
      data[(i * nodes + p) * degrees + Math.min(degree, degrees) - 1] = 1;
      present[i * nodes + p] = 1;
    }
  }
  return { data, n: graphs.length, patterns, present };
}

/** Rows and columns of a Gram matrix, named by their indices: a kernel that is computed already. */
const chosen =
  (k: Float64Array, n: number): GramFunction =>
  (rows, _, columns = rows) =>
    Float64Array.from([...rows].flatMap((i) => [...columns].map((j) => k[i * n + j] as number)));

/** Accuracy in percent on `testCount` graphs, having learnt from `trainCount`. */
export async function graphAccuracy(trainCount = 80, testCount = 200): Promise<number> {
  const random = randoms(1);
  const graphs = Array.from({ length: trainCount + testCount }, (_, i) => graphOf(i % 2 === 0 ? 1 : -1, random));
  const net = gntk({ nodes, features: degrees, layers: 4, mlpLayers: 1, jumpingKnowledge: true });
  const k = await gram(await compile(net, { kernel: 'wntk' }), inputsOf(graphs));
  const kernel = chosen(k, graphs.length);
  const indices = Float64Array.from(graphs.keys());
  const labels = graphs.map((g) => (g.label === 1 ? 'ring' : 'tree'));
  const answers = { task: 'classification', labels: labels.slice(0, trainCount) } as const;
  const training = { x: indices.subarray(0, trainCount), n: trainCount, d: 1, answers };
  const fitted = await fit(training, { kernel, ridge: { kind: 'relative', value: 1e-3 }, standardise: false });
  const prediction = await predict(fitted, indices.subarray(trainCount), testCount, kernel);
  if (prediction.task !== 'classification') throw new Error('labels make a classification');
  const right = prediction.labels.filter((label, i) => label === labels[trainCount + i]).length;
  return (100 * right) / testCount;
}

if (import.meta.main) console.log(`rings with a chord against trees: ${(await graphAccuracy()).toFixed(1)} % right`);
