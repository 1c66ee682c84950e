/** A thread of the wasm target for spatial kernels: loads each kernel once and takes tiles of the jobs it is sent. */
import { dualActivation } from '../../../../ir/gaussian/index.ts';
import { answerJobs } from '../../../answerJobs.ts';
import { countShared } from '../garbage.ts';
import { SpatialEngine } from './engine.ts';
import { type SpatialJob, takeTiles } from './job.ts';
import type { SpatialSchedule } from './shape.ts';

export interface SpatialMessage {
  readonly kernel: number;
  /** With the first job of a kernel. */
  readonly load?: {
    readonly module: WebAssembly.Module;
    readonly schedule: SpatialSchedule;
    readonly tableBytes: number;
  };
  readonly job: SpatialJob;
}

/** The kernel used last: its memory may be large. */
let loaded: { readonly kernel: number; readonly engine: SpatialEngine } | undefined;

answerJobs(({ kernel, load, job }: SpatialMessage) => {
  countShared(job.bytes.byteLength);
  if (load !== undefined)
    loaded = { kernel, engine: new SpatialEngine(load.module, load.schedule, dualActivation, load.tableBytes) };
  if (loaded?.kernel !== kernel) throw new Error(`ntkc bug: kernel ${kernel} is not loaded`);
  for (const _ of takeTiles(loaded.engine, job));
});
