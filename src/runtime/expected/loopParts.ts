/** A contraction as text of loops, and the fixed parts they are run in. */
import { tupleSource } from '../../codegen/expectation/index.ts';
import type { Contraction, TupleRange } from '../../ir/expectation/index.ts';
import type { LoopData, Part } from './loop.ts';

export function loopData({ sums, ...data }: Contraction): LoopData {
  const loops = sums.map(({ program, range }) => ({
    source: tupleSource(program, range.kind),
    heads: headsOf(range, data.n),
  }));
  return { kind: 'tuples', ...data, loops };
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
