/** The threads that all spatial kernels of the process share, and which kernel each has loaded. */
import { type PooledThread, runOnAll, threadPool } from '../../../threadPool.ts';
import type { SpatialJob } from './job.ts';
import type { SpatialSchedule } from './shape.ts';
import type { SpatialMessage } from './worker.ts';

export interface ThreadedKernel {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly schedule: SpatialSchedule;
  /** What records with tables of coefficients may take in each thread. */
  readonly tableBytes: number;
}

const idleThreads = threadPool(import.meta.url);
const loadedKernel = new WeakMap<PooledThread, number>();

/** Sends a job to `count` idle threads; settles when none has a tile left. `onFailure` at the first that fails. */
export async function sendJob(
  kernel: ThreadedKernel,
  job: SpatialJob,
  count: number,
  onFailure: () => void,
): Promise<void> {
  const threads = idleThreads(count);
  const messages = threads.map((thread): SpatialMessage => {
    const isLoaded = loadedKernel.get(thread) === kernel.id;
    loadedKernel.set(thread, kernel.id);
    const { module, schedule, tableBytes } = kernel;
    return { kernel: kernel.id, job, ...(!isLoaded && { load: { module, schedule, tableBytes } }) };
  });
  await runOnAll(threads, messages, () => {
    for (const thread of threads) loadedKernel.delete(thread); // one may not have come to load it
    onFailure();
  });
}
