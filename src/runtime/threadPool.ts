/** Worker threads that are kept for the next job; no reason for the process to stay alive but while they work. */
import { Worker } from 'node:worker_threads';
import { NtkcError } from '../errors.ts';

export interface PooledThread {
  readonly worker: Worker;
  busy: boolean;
}

/** What a worker answers at the end of a job. */
export interface JobDone {
  readonly error?: string;
}

/**
 * Idle threads of the file `worker` beside a module, as many as asked for; started where there are too few.
 * @param moduleUrl its import.meta.url; the compiled package has .js files beside each other, the sources run as they are
 */
export function threadPool(moduleUrl: string): (count: number) => readonly PooledThread[] {
  const file = new URL(`./worker${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl);
  const threads = new Set<PooledThread>();
  const start = (): PooledThread => {
    const worker = new Worker(file);
    worker.unref();
    const thread: PooledThread = { worker, busy: false };
    worker.once('exit', () => threads.delete(thread));
    threads.add(thread);
    return thread;
  };
  return (count) => {
    const idle = [...threads].filter((t) => !t.busy);
    while (idle.length < count) idle.push(start());
    return idle.slice(0, count);
  };
}

/** Sends a job to an idle thread; settles when the worker has answered. @throws NtkcError where it fails or ends */
export function runOn(thread: PooledThread, message: unknown): Promise<void> {
  const { worker } = thread;
  thread.busy = true;
  worker.ref(); // while it works, the process waits for it
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
