/** Work on tiles, as tasks that any number of threads take from one counter, in order. */
import type { LinearEngine } from './engine.ts';
import { type FactorJob, factorTask } from './factorTask.ts';
import { type ProductJob, productTask } from './productTask.ts';
import { isStopped, takeTask } from './progress.ts';
import { type SolveJob, solveTask } from './solveTask.ts';

export type Job = FactorJob | SolveJob | ProductJob;

/** Takes tasks until none is left or the job is stopped; yields after each. `thread` counts from 0. */
export function* takeTasks(engine: LinearEngine, job: Job, thread: number): Generator<void> {
  const tasks = tasksOf(job);
  for (let task = takeTask(job); task < tasks && !isStopped(job); task = takeTask(job)) {
    if (job.kind === 'factor') factorTask(engine, job, task);
    else if (job.kind === 'solve') solveTask(engine, job, task, thread);
    else productTask(engine, job, task);
    yield;
  }
}

function tasksOf(job: Job): number {
  if (job.kind === 'factor') return job.done.length;
  return job.kind === 'solve' ? job.blocks : job.rows.tiles * job.columns.tiles;
}
