/** Sums over all tuples of inputs, in memory O(n²), on all cores. */
import type { Contraction } from '../../ir/expectation/index.ts';
import { loadLoops, type PartResult } from './loop.ts';
import { loopData, partsOf } from './loopParts.ts';
import { runParts, type ThreadOptions } from './runParts.ts';

export interface ContractOptions extends ThreadOptions {
  /** Sets of inputs looked at, of all there are. */
  readonly onProgress?: (setsDone: number, sets: number) => void;
}

/** Less work than this is done before threads have started. */
const worthThreads = 200_000;

/**
 * M[n n] and the number of tuples in it that have a weight.
 * The parts and the order in which they are added are fixed, so the bytes are the same for any number of threads.
 * @throws the signal's reason
 */
export async function contract(contraction: Contraction, options: ContractOptions = {}): Promise<PartResult> {
  const { n } = contraction;
  const data = loopData(contraction);
  const parts = partsOf(data);
  const sets = parts.reduce((sum, part) => sum + part.sets, 0);
  const matrix = new Float64Array(n * n);
  let [tuples, done] = [0, 0];
  const take = (result: PartResult, part: (typeof parts)[number]) => {
    for (let k = 0; k < matrix.length; k++) matrix[k] = (matrix[k] as number) + (result.matrix[k] as number);
    tuples += result.tuples;
    done += part.sets;
    options.onProgress?.(done, sets);
  };
  await runParts({ data, parts, load: () => loadLoops(data), isLong: sets >= worthThreads, take }, options);
  return { matrix: symmetrised(matrix, n), tuples };
}

/** T + Tᵀ: a part adds to one of [α β] and [β α]. */
const symmetrised = (t: Float64Array, n: number): Float64Array =>
  t.map((v, k) => v + (t[(k % n) * n + Math.floor(k / n)] as number));
