/** A thread of the linear algebra: takes tasks of the jobs it is sent. */
import { answerJobs } from '../answerJobs.ts';
import { LinearEngine } from './engine.ts';
import { type Job, takeTasks } from './jobs.ts';

export interface JobMessage {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly job: Job;
  /** Which of the job's threads this is. */
  readonly thread: number;
}

answerJobs(({ module, memory, job, thread }: JobMessage) => {
  for (const _ of takeTasks(new LinearEngine(module, memory), job, thread));
});
