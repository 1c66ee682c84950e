/** A thread that runs parts of the works it has been given. */
import { answerJobs } from '../answerJobs.ts';
import { loadWork, type ThreadData } from './load.ts';

export interface PartMessage {
  /** Which work; it is loaded before its first part, and forgotten after its last. */
  readonly work: number;
  readonly load?: ThreadData;
  readonly part?: unknown;
  readonly forget?: true;
}

type RunPart = (part: unknown) => { readonly matrix: Float64Array };
const works = new Map<number, RunPart>();

answerJobs(
  ({ work, load, part, forget }: PartMessage) => {
    if (load !== undefined) works.set(work, loadWork(load) as RunPart);
    if (forget) works.delete(work);
    return part === undefined ? undefined : works.get(work)!(part);
  },
  (result) => (result === undefined ? [] : [result.matrix.buffer as ArrayBuffer]),
);
