/** A thread of the contractions of hierarchies. */
import { answerJobs } from '../answerJobs.ts';
import { type HierarchyJob, runJob } from './job.ts';

answerJobs(({ job, thread }: { readonly job: HierarchyJob; readonly thread: number }) => runJob(job, thread));
