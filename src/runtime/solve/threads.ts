/** Jobs of the linear algebra on the threads they share. */
import { runOnAll, threadPool } from '../threadPool.ts';
import type { JobMessage } from './worker.ts';

const idleThreads = threadPool(import.meta.url);

/** Runs the messages on a thread each. `onFailure` is called at the first that fails; rejects with it once all have ended. */
export async function runOnThreads(messages: readonly JobMessage[], onFailure: () => void): Promise<void> {
  await runOnAll(idleThreads(messages.length), messages, onFailure);
}
