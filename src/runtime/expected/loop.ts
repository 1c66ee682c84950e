/** The loops of a contraction, loaded, and the fixed parts they are run in. */
import { tupleSource } from '../../codegen/expectation/index.ts';
import type { Contraction, TupleRange } from '../../ir/expectation/index.ts';
import { erf } from '../../ir/gaussian/index.ts';
import { orthantRemainder } from '../../ir/gaussian/orthant.ts';

/** What a thread needs: the problem, and the text of its loops. */
export interface LoopData {
  readonly kind: 'tuples';
  readonly n: number;
  readonly variances: Float64Array;
  readonly covariances: Float64Array;
  readonly gradients: Float64Array;
  readonly weights: Float64Array;
  readonly loops: readonly { readonly source: string; readonly heads: Int32Array }[];
}

/** Pairs (a, b) from..to of the heads of one loop: all tuples that begin with them. */
export interface Part {
  readonly loop: number;
  readonly from: number;
  readonly to: number;
}

/** What a part adds: its matrix M[n n], and its tuples that have a weight. */
export interface PartResult {
  readonly matrix: Float64Array;
  readonly tuples: number;
}

type Run = (heads: Int32Array, from: number, to: number, matrix: Float64Array) => number;

export function loopData({ sums, ...data }: Contraction): LoopData {
  const loops = sums.map(({ program, range }) => ({
    source: tupleSource(program, range.kind),
    heads: headsOf(range, data.n),
  }));
  return { kind: 'tuples', ...data, loops };
}

/** Runs parts. The text is ours: made from a program whose names and numbers are (decision 7). */
export function loadLoops(data: LoopData): (part: Part) => PartResult {
  const { n, variances, covariances, gradients, weights } = data;
  const counts = weights.map((v, k) => Number(v !== 0) + Number(weights[(k % n) * n + Math.floor(k / n)] !== 0));
  const loaded = new Map<number, Run>();
  const load = (loop: number): Run => {
    const text = `'use strict';\n${(data.loops[loop] as LoopData['loops'][number]).source}`;
    const make = new Function('n', 'q', 's', 'g', 'C', 'N', 'orthantRemainder', 'erf', text);
    return make(n, variances, covariances, gradients, weights, counts, orthantRemainder, erf) as Run;
  };
  return ({ loop, from, to }) => {
    const run = loaded.get(loop) ?? load(loop);
    loaded.set(loop, run);
    const matrix = new Float64Array(n * n);
    const tuples = run((data.loops[loop] as LoopData['loops'][number]).heads, from, to, matrix);
    return { matrix, tuples };
  };
}

/** Pairs, flat: those that tuples of the range begin with. */
function headsOf(range: TupleRange, n: number): Int32Array {
  if (range.kind === 'pairs') return Int32Array.from(range.pairs.flat());
  const first = range.kind === 'distinct' ? 1 : 0;
  const heads: number[] = [];
  for (let a = 0; a < n; a++) for (let b = a + first; b < n; b++) heads.push(a, b);
  return Int32Array.from(heads);
}

/** Sets of inputs a part holds at least: some 20 ms. */
const leastSets = 20_000;
/** Parts a loop is cut into at most, whatever the number of threads: each costs a matrix. */
const mostParts = 256;

/** The parts of all loops and how many sets of inputs each looks at; they depend on the problem alone. */
export function partsOf({ n, loops }: LoopData): readonly (Part & { readonly sets: number })[] {
  return loops.flatMap(({ heads }, loop) => {
    const isList = loop > 0;
    const setsOf = (head: number) => pairsOf(isList ? n : n - (heads[2 * head + 1] as number)) + 1;
    const count = heads.length / 2;
    let total = 0;
    for (let head = 0; head < count; head++) total += setsOf(head);
    const size = Math.max(leastSets, total / mostParts);
    const parts: (Part & { readonly sets: number })[] = [];
    for (let head = 0, from = 0, sets = 0; head < count; head++) {
      sets += setsOf(head);
      if (sets < size && head < count - 1) continue;
      parts.push({ loop, from, to: head + 1, sets });
      [from, sets] = [head + 1, 0];
    }
    return parts;
  });
}

const pairsOf = (m: number) => (m * (m - 1)) / 2;
