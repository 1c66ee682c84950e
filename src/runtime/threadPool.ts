/** Worker threads that are kept for the next job; no reason for the process to stay alive but while they work. */
import { Worker } from 'node:worker_threads';
import { type Complaint, NtkcError } from '../errors.ts';

export interface PooledThread {
  readonly worker: Worker;
  /** At work, or lost. */
  busy: boolean;
}

/** What a worker answers at the end of a job: src/runtime/answerJobs.ts. */
export interface JobDone {
  readonly result?: unknown;
  /** What was thrown; a complaint where that was an NtkcError. */
  readonly error?: string;
  readonly complaint?: Complaint;
}

/**
 * Idle threads of the file `worker` beside a module, as many as asked for; started where there are too few.
 * @param moduleUrl its import.meta.url; the compiled package has .js files beside each other, the sources run as they are
 */
export function threadPool(moduleUrl: string): (count: number) => readonly PooledThread[] {
  const file = new URL(`./worker${moduleUrl.slice(moduleUrl.lastIndexOf('.'))}`, moduleUrl);
  const threads = new Set<PooledThread>();
  const start = (): PooledThread => {
    // Options of this process, such as --input-type, are not for a thread's file.
    const worker = new Worker(file, { execArgv: [] });
    worker.unref();
    const thread: PooledThread = { worker, busy: false };
    const forget = () => void threads.delete(thread);
    worker.once('exit', forget).on('error', forget);
    threads.add(thread);
    return thread;
  };
  return (count) => {
    const idle = [...threads].filter((t) => !t.busy);
    while (idle.length < count) idle.push(start());
    return idle.slice(0, count);
  };
}

/** Sends a job to an idle thread; settles with its result when the worker has answered. @throws NtkcError where it fails or ends */
export function runOn<R = void>(thread: PooledThread, message: unknown): Promise<R> {
  const { worker } = thread;
  thread.busy = true;
  worker.ref(); // while it works, the process waits for it
  return new Promise<R>((resolve, reject) => {
    const settle = (isAlive: boolean) => {
      thread.busy = !isAlive;
      worker.unref();
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
    };
    const onMessage = ({ result, error, complaint }: JobDone) => {
      settle(true);
      if (error === undefined) resolve(result as R);
      else reject(complaint === undefined ? lost(error) : new NtkcError(complaint));
    };
    const onError = (error: unknown) => {
      settle(false);
      reject(lost(String(error)));
    };
    const onExit = (code: number) => {
      settle(false);
      reject(lost(`it ended with code ${code}`));
    };
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    try {
      worker.postMessage(message);
    } catch (error) {
      settle(true);
      reject(lost(String(error)));
    }
  });
}

/**
 * Runs the messages on a thread each; results in their order. `onFailure` is called at the first that fails, to stop the
 * others; rejects with it once all have ended.
 */
export async function runOnAll<R = void>(
  threads: readonly PooledThread[],
  messages: readonly unknown[],
  onFailure: () => void,
): Promise<readonly R[]> {
  const runs = messages.map((message, k) => runOn<R>(threads[k] as PooledThread, message));
  let first: { readonly reason: unknown } | undefined;
  for (const run of runs)
    run.catch((reason: unknown) => {
      first ??= { reason };
      onFailure();
    });
  const ended = await Promise.allSettled(runs);
  if (first !== undefined) throw (first as { readonly reason: unknown }).reason;
  return ended.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []));
}

const lost = (why: string) =>
  new NtkcError({ what: `a worker thread failed: ${why}`, next: 'Try again, or with one thread.' });
