/** Threads that run parts; none where threads cannot be had. */
import { Worker } from 'node:worker_threads';
import { NtkcError } from '../../errors.ts';
import type { ThreadData } from './load.ts';

/** Runs parts P of some work, one after the other. */
export interface PartRunner<P, R> {
  run(part: P): Promise<R>;
  stop(): Promise<unknown>;
}

/** Beside this file, in a checkout as in the built package. */
const workerFile = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

/** Threads that have loaded their work. Where one does not start, none: the caller computes by itself. */
export async function startThreads<P, R>(
  data: ThreadData,
  count: number,
  file = workerFile,
): Promise<readonly PartRunner<P, R>[]> {
  const started = await Promise.allSettled(Array.from({ length: count }, () => startThread<P, R>(data, file)));
  const runners = started.flatMap((s) => (s.status === 'fulfilled' ? [s.value] : []));
  if (runners.length === count) return runners;
  await Promise.all(runners.map((runner) => runner.stop()));
  return [];
}

async function startThread<P, R>(data: ThreadData, file: URL): Promise<PartRunner<P, R>> {
  // Options of this process, such as --input-type, are not for a thread's file.
  const worker = new Worker(file, { workerData: data, execArgv: [] });
  let waiting: { readonly resolve: (message: unknown) => void; readonly reject: (error: unknown) => void } | undefined;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    waiting?.reject(failure);
  };
  worker.on('message', (message: unknown) => waiting?.resolve(message));
  worker.on('error', fail);
  worker.on('exit', () => fail(new NtkcError({ what: 'a thread ended before its work' })));
  const answer = <T>(): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waiting = { resolve: (message) => resolve(message as T), reject };
      if (failure !== undefined) reject(failure);
    });
  await answer<'ready'>();
  return {
    run: (part) => {
      const result = answer<R>();
      worker.postMessage(part);
      return result;
    },
    stop: () => worker.terminate(),
  };
}
