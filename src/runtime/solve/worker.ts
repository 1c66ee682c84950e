/** A thread of the linear algebra: takes tasks of the jobs it is sent. */

import { parentPort } from 'node:worker_threads';
import type { JobDone } from '../threadPool.ts';
import { LinearEngine } from './engine.ts';
import { type Job, takeTasks } from './jobs.ts';

export interface JobMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly job: Job;
  /** Which of the job's threads this is. */
  readonly thread: number;
}
parentPort?.on('message', ({ module, memory, job, thread }: JobMessage) => {
  try {
    for (const _ of takeTasks(new LinearEngine(module, memory), job, thread));
    parentPort?.postMessage({} satisfies JobDone);
  } catch (error) {
    parentPort?.postMessage({ error: String(error) } satisfies JobDone);
  }
});
