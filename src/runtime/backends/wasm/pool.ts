/** Worker threads shared by all kernels of the process; started when a job is worth it, and no reason to stay alive. */
import { Worker } from 'node:worker_threads';
import { NtkcError } from '../../../errors.ts';
import type { TileShape } from './engine.ts';
import type { Job } from './job.ts';
import type { JobDone, JobMessage } from './worker.ts';

interface Thread {
  readonly worker: Worker;
  /** Those it has loaded, the one used last at the end. */
  readonly kernels: Set<number>;
  busy: boolean;
}

export interface ThreadedKernel {
  readonly id: number;
  readonly module: WebAssembly.Module;
  readonly shape: TileShape;
}

/** Kernels that a thread keeps loaded: each holds a few MB. */
const rememberedKernels = 4;

const threads = new Set<Thread>();

/** Sends a job to `count` idle threads; each promise settles when its thread has no tile left. */
export function sendJob(kernel: ThreadedKernel, job: Job, count: number): readonly Promise<void>[] {
  const idle = [...threads].filter((t) => !t.busy);
  while (idle.length < count) idle.push(start());
  return idle.slice(0, count).map((thread) => run(thread, kernel, job));
}

function start(): Thread {
  // The compiled package has .js files beside each other; the sources run as they are.
  const file = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
  const worker = new Worker(file);
  worker.unref();
  const thread: Thread = { worker, kernels: new Set(), busy: false };
  worker.once('exit', () => threads.delete(thread));
  threads.add(thread);
  return thread;
}

function run(thread: Thread, { id, module, shape }: ThreadedKernel, job: Job): Promise<void> {
  const { worker, kernels } = thread;
  thread.busy = true;
  worker.ref(); // while it works, the process waits for it
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
  return new Promise<void>((resolve, reject) => {
    const settle = (error?: string) => {
      thread.busy = false;
      worker.unref();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      if (error === undefined) resolve();
      else reject(lost(error));
    };
    const onMessage = ({ error }: JobDone) => settle(error);
    const onError = (error: unknown) => settle(String(error));
    const onExit = (code: number) => settle(`it ended with code ${code}`);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(message);
  });
}

const lost = (why: string) =>
  new NtkcError({ what: `a worker thread failed: ${why}`, next: 'Try again, or with one thread.' });
