/** What threads tell each other about a job: shared memory where there are several. */
export interface Progress {
  /** Next task; whether to stop. */
  readonly control: Int32Array;
}

const next = 0;
const stopped = 1;
export const controlLength = 2;

/** The next task, counted from 0. */
export const takeTask = ({ control }: Progress): number => Atomics.add(control, next, 1);
export const isStopped = ({ control }: Progress): boolean => Atomics.load(control, stopped) !== 0;
export const stop = ({ control }: Progress): void => void Atomics.store(control, stopped, 1);
