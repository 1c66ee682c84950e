/** Jobs of the linear algebra on the threads they share. */
import { type PooledThread, runOn, threadPool } from '../threadPool.ts';
import type { JobMessage } from './worker.ts';

const idleThreads = threadPool(import.meta.url);

/** Runs the messages on a thread each. `onFailure` is called at the first that fails; rejects with it once all have ended. */
export async function runOnThreads(messages: readonly JobMessage[], onFailure: () => void): Promise<void> {
  const threads = idleThreads(messages.length);
  const runs = messages.map((message, k) => runOn(threads[k] as PooledThread, message));
  for (const one of runs) one.catch(onFailure);
  const failed = (await Promise.allSettled(runs)).find((r) => r.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
