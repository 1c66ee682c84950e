/** The threads that all kernels of the process share, and which kernels each has loaded. */
import { type PooledThread, runOn, threadPool } from '../../threadPool.ts';
import type { TileShape } from './engine.ts';
import type { Job } from './job.ts';
import type { JobMessage } from './worker.ts';

export interface ThreadedKernel {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly shape: TileShape;
}

/** Kernels that a thread keeps loaded: each holds a few MB. */
const rememberedKernels = 4;

const idleThreads = threadPool(import.meta.url);
/** Kernels that a thread has loaded, the one used last at the end. */
const loadedKernels = new WeakMap<PooledThread, Set<number>>();

/** Sends a job to `count` idle threads; each promise settles when its thread has no tile left. */
export const sendJob = (kernel: ThreadedKernel, job: Job, count: number): readonly Promise<void>[] =>
  idleThreads(count).map((thread) => run(thread, kernel, job));

function run(thread: PooledThread, { id, module, shape }: ThreadedKernel, job: Job): Promise<void> {
  const kernels = loadedKernels.get(thread) ?? new Set();
  loadedKernels.set(thread, kernels);
  const isKnown = kernels.delete(id);
  kernels.add(id); // now the last to be forgotten
  const forget = kernels.size > rememberedKernels ? [...kernels][0] : undefined;
  if (forget !== undefined) kernels.delete(forget);
  const message: JobMessage = {
    kernel: id,
    job,
    ...(!isKnown && { load: { module, shape } }),
    ...(forget !== undefined && { forget }),
  };
  return runOn(thread, message).catch((error: unknown) => {
    kernels.delete(id); // it may not have come to load it
    throw error;
  });
}
