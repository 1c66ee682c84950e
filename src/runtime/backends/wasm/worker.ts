/** A thread of the wasm target: loads each kernel once and takes tiles of the jobs it is sent. */
import { answerJobs } from '../../answerJobs.ts';
import { TileEngine, type TileShape } from './engine.ts';
import { countShared } from './garbage.ts';
import { type Job, takeTiles } from './job.ts';

export interface JobMessage {
  readonly kernel: number;
  /** With the first job of a kernel. */
  readonly load?: { readonly module: WebAssembly.Module; readonly shape: TileShape };
  /** A kernel that is not needed for now. */
  readonly forget?: number;
  readonly job: Job;
}
const engines = new Map<number, TileEngine>();

answerJobs(({ kernel, load, forget, job }: JobMessage) => {
  if (forget !== undefined) engines.delete(forget);
  if (load !== undefined) engines.set(kernel, new TileEngine(load.module, load.shape));
  countShared(job.bytes.byteLength);
  for (const _ of takeTiles(engines.get(kernel) as TileEngine, job));
});
