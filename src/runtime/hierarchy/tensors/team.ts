/** Threads that make the same calls in the same order, share out the work of each and wait for each other at its end. */

/** Shared control words, and which of the threads this is. */
export interface Member {
  readonly control: Int32Array;
  readonly thread: number;
  readonly threads: number;
}

const task = 0;
const arrived = 1;
const generation = 2;
const stopped = 3;
export const controlLength = 4;

/** Turns of a loop, some 20 µs, before a thread that waits goes to sleep. */
const spins = 2000;
/** Milliseconds after which a sleeping thread looks whether the job is stopped. */
const longestWait = 100;

/** The job failed in another thread, which says why. */
export class Stopped extends Error {}

/** Wakes those that wait; they throw Stopped. */
export function stop(control: Int32Array): void {
  Atomics.store(control, stopped, 1);
  Atomics.notify(control, generation);
}

/** Calls f for parts of 0 .. count − 1, at most `size` at a time, each in one thread; ends when all are done. */
export function shareOut(team: Member, count: number, size: number, f: (from: number, to: number) => void): void {
  if (team.threads === 1) {
    if (count > 0) f(0, count);
    return;
  }
  for (;;) {
    const from = Atomics.add(team.control, task, 1) * size;
    if (from >= count) break;
    f(from, Math.min(from + size, count));
  }
  meet(team);
}

/** Returns in all threads once all have called it. */
export function meet({ control, threads }: Member): void {
  if (threads === 1) return;
  const now = Atomics.load(control, generation);
  if (Atomics.add(control, arrived, 1) === threads - 1) {
    Atomics.store(control, task, 0);
    Atomics.store(control, arrived, 0);
    Atomics.add(control, generation, 1);
    Atomics.notify(control, generation);
    return;
  }
  for (let spin = 0; Atomics.load(control, generation) === now; spin++) {
    if (Atomics.load(control, stopped) !== 0) throw new Stopped('stopped: another thread failed');
    if (spin > spins) Atomics.wait(control, generation, now, longestWait);
  }
}
