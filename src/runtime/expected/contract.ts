/** Sums over all tuples of inputs, in memory O(n²), on all cores. */
import { availableParallelism } from 'node:os';
import type { Contraction } from '../../ir/expectation/index.ts';
import { loadLoops, loopData, type PartResult, partsOf } from './loop.ts';
import { type PartRunner, startThreads } from './threads.ts';

export interface ContractOptions {
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number;
  /** Sets of inputs looked at, of all there are. */
  readonly onProgress?: (setsDone: number, sets: number) => void;
  readonly signal?: AbortSignal;
}

/** Less work than this is done before threads have started. */
const worthThreads = 200_000;

/**
 * M[n n] and the number of tuples in it that have a weight.
 * The parts and the order in which they are added are fixed, so the bytes are the same for any number of threads.
 * @throws the signal's reason
 */
export async function contract(contraction: Contraction, options: ContractOptions = {}): Promise<PartResult> {
  const { signal, onProgress, threads = availableParallelism() } = options;
  signal?.throwIfAborted();
  const data = loopData(contraction);
  const parts = partsOf(data);
  const sets = parts.reduce((sum, part) => sum + part.sets, 0);
  const wanted = sets < worthThreads ? 1 : Math.min(threads, parts.length);
  const started = wanted > 1 ? await startThreads(data, wanted) : [];
  const runners = started.length > 0 ? started : [here(loadLoops(data))];
  const total = new InOrder(contraction.n);
  let [next, done] = [0, 0];
  const work = async (runner: PartRunner): Promise<void> => {
    for (let at = next++; at < parts.length; at = next++) {
      signal?.throwIfAborted();
      const part = parts[at] as (typeof parts)[number];
      total.put(at, await runner.run(part));
      done += part.sets;
      onProgress?.(done, sets);
    }
  };
  const { aborted, forget } = abortOf(signal);
  try {
    await Promise.race([Promise.all(runners.map(work)), aborted]);
  } finally {
    next = parts.length;
    forget();
    await Promise.all(runners.map((runner) => runner.stop()));
  }
  return { matrix: symmetrised(total.matrix, contraction.n), tuples: total.tuples };
}

/** This thread, which lets others in between parts. */
const here = (run: ReturnType<typeof loadLoops>): PartRunner => ({
  run: async (part) => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return run(part);
  },
  stop: async () => undefined,
});

/** Adds results in the order of their parts, in whatever order they come. */
class InOrder {
  readonly matrix: Float64Array;
  tuples = 0;
  #next = 0;
  readonly #early = new Map<number, PartResult>();

  constructor(n: number) {
    this.matrix = new Float64Array(n * n);
  }

  put(at: number, result: PartResult): void {
    this.#early.set(at, result);
    for (let ready = this.#early.get(this.#next); ready !== undefined; ready = this.#early.get(this.#next)) {
      for (let k = 0; k < this.matrix.length; k++)
        this.matrix[k] = (this.matrix[k] as number) + (ready.matrix[k] as number);
      this.tuples += ready.tuples;
      this.#early.delete(this.#next++);
    }
  }
}

function abortOf(signal: AbortSignal | undefined) {
  let forget = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const listener = () => reject(signal?.reason);
    signal?.addEventListener('abort', listener);
    forget = () => signal?.removeEventListener('abort', listener);
  });
  return { aborted, forget };
}

/** T + Tᵀ: a part adds to one of [α β] and [β α]. */
const symmetrised = (t: Float64Array, n: number): Float64Array =>
  t.map((v, k) => v + (t[(k % n) * n + Math.floor(k / n)] as number));
