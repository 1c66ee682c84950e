/** Worker threads for the linear algebra, started when a job is worth it, and no reason for the process to stay alive. */
import { Worker } from 'node:worker_threads';
import { NtkcError } from '../../errors.ts';
import type { JobDone, JobMessage } from './worker.ts';

interface Thread {
  readonly worker: Worker;
  busy: boolean;
}

const threads = new Set<Thread>();

/** Runs the messages on a thread each. `onFailure` is called at the first that fails; rejects with it once all have ended. */
export async function runOnThreads(messages: readonly JobMessage[], onFailure: () => void): Promise<void> {
  const idle = [...threads].filter((t) => !t.busy);
  while (idle.length < messages.length) idle.push(start());
  const runs = messages.map((message, k) => run(idle[k] as Thread, message));
  for (const one of runs) one.catch(onFailure);
  const failed = (await Promise.allSettled(runs)).find((r) => r.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function start(): Thread {
  // The compiled package has .js files beside each other; the sources run as they are.
  const file = new URL(`./worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);
  const worker = new Worker(file);
  worker.unref();
  const thread: Thread = { worker, busy: false };
  worker.once('exit', () => threads.delete(thread));
  threads.add(thread);
  return thread;
}

function run(thread: Thread, message: JobMessage): Promise<void> {
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
