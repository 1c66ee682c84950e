/** Threads that run parts of some work, from a pool that all such work shares. */
import { type PooledThread, runOn, threadPool } from '../threadPool.ts';
import type { ThreadData } from './load.ts';
import type { PartMessage } from './worker.ts';

/** Runs parts P of some work, one after the other. */
export interface PartRunner<P, R> {
  run(part: P): Promise<R>;
  /** Lets go of the work; a part that is running is given up. */
  stop(): Promise<void>;
}

const idleThreads = threadPool(import.meta.url);
let works = 0;

/** Threads that have loaded their work. Where one cannot, none: the caller computes by itself. */
export async function startThreads<P, R>(
  data: ThreadData,
  count: number,
  idle: (count: number) => readonly PooledThread[] = idleThreads,
): Promise<readonly PartRunner<P, R>[]> {
  const work = works++;
  const threads = idle(count);
  const runners = threads.map((thread) => runnerOn<P, R>(thread, work));
  const loaded = await Promise.allSettled(
    threads.map((thread) => runOn(thread, { work, load: data } satisfies PartMessage)),
  );
  if (loaded.every(({ status }) => status === 'fulfilled')) return runners;
  await Promise.all(runners.map((runner) => runner.stop()));
  return [];
}

const runnerOn = <P, R>(thread: PooledThread, work: number): PartRunner<P, R> => ({
  run: (part) => runOn<R>(thread, { work, part } satisfies PartMessage),
  stop: async () => {
    if (thread.busy) await thread.worker.terminate();
    // A thread that is lost forgets by itself.
    else await runOn(thread, { work, forget: true } satisfies PartMessage).catch(() => {});
  },
});
