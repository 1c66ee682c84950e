/** Parts of some work on all cores; their results are taken in the order of the parts, whichever is done first. */
import { availableParallelism } from 'node:os';
import type { ThreadData } from './load.ts';
import { type PartRunner, startThreads } from './threads.ts';

export interface ThreadOptions {
  /** Default: one a core. The result does not depend on it. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
}

export interface Work<P, R> {
  readonly data: ThreadData;
  readonly parts: readonly P[];
  /** Runs a part in this thread; made only where no others are started. */
  readonly load: () => (part: P) => R;
  /** Whether it is worth the start of threads. */
  readonly isLong: boolean;
  readonly take: (result: R, part: P) => void;
}

/** @throws the signal's reason, or what a part threw */
export async function runParts<P, R>(work: Work<P, R>, { signal, threads }: ThreadOptions): Promise<void> {
  signal?.throwIfAborted();
  const { data, parts, load } = work;
  const wanted = work.isLong ? Math.min(threads ?? availableParallelism(), parts.length) : 1;
  const started = wanted > 1 ? await startThreads<P, R>(data, wanted) : [];
  const runners = started.length > 0 ? started : [here(load())];
  const take = inOrder(work);
  let next = 0;
  const runSome = async (runner: PartRunner<P, R>): Promise<void> => {
    for (let at = next++; at < parts.length; at = next++) {
      signal?.throwIfAborted();
      take(at, await runner.run(parts[at] as P));
    }
  };
  const { aborted, forget } = abortOf(signal);
  try {
    await Promise.race([Promise.all(runners.map(runSome)), aborted]);
  } finally {
    next = parts.length;
    forget();
    await Promise.all(runners.map((runner) => runner.stop()));
  }
}

/** This thread, which lets others in between parts. */
const here = <P, R>(run: (part: P) => R): PartRunner<P, R> => ({
  run: async (part) => {
    await new Promise((resolve) => setTimeout(resolve, 0));
    return run(part);
  },
  stop: async () => undefined,
});

function inOrder<P, R>({ parts, take }: Work<P, R>): (at: number, result: R) => void {
  const early = new Map<number, R>();
  let next = 0;
  return (at, result) => {
    early.set(at, result);
    for (let ready = early.get(next); ready !== undefined; ready = early.get(next)) {
      early.delete(next);
      take(ready, parts[next++] as P);
    }
  };
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
