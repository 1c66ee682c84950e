/** Faults of worker threads, planted where messages are sent to them. */
import { Worker } from 'node:worker_threads';

const faults = {
  /** The worker gets a message that it cannot read. */
  throws: async (worker: Worker) => void send.call(worker, null),
  /** The worker is ended at work. */
  'is terminated': async (worker: Worker, message: unknown) => {
    send.call(worker, message);
    await worker.terminate();
  },
} as const;
export type Fault = keyof typeof faults;
export const faultNames = Object.keys(faults) as readonly Fault[];

const send = Worker.prototype.postMessage;

/** While `work` goes on, the next message to a worker meets a fault. @returns what `work` threw, and how many faults there were */
export async function withFault(fault: Fault, work: () => Promise<unknown>): Promise<readonly [unknown, number]> {
  let met = 0;
  let ended: Promise<unknown> = Promise.resolve();
  const before = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, message: unknown) {
    if (met++ === 0) ended = faults[fault](this, message);
    else send.call(this, message);
  };
  try {
    await work();
    return [undefined, Math.min(met, 1)];
  } catch (error) {
    return [error, Math.min(met, 1)];
  } finally {
    await ended;
    Worker.prototype.postMessage = before;
  }
}

/** Holds the next message to a worker back. @returns what sends it */
export function holdNextMessage(): () => void {
  const before = Worker.prototype.postMessage;
  let release = (): void => {};
  Worker.prototype.postMessage = function (this: Worker, message: unknown) {
    Worker.prototype.postMessage = before;
    release = () => before.call(this, message);
  };
  return () => release();
}

/** The workers that are sent a message while `work` goes on. */
export async function workersOf(work: () => Promise<unknown>): Promise<ReadonlySet<Worker>> {
  const workers = new Set<Worker>();
  const before = Worker.prototype.postMessage;
  Worker.prototype.postMessage = function (this: Worker, ...message: Parameters<typeof before>) {
    workers.add(this);
    before.apply(this, message);
  };
  try {
    await work();
  } finally {
    Worker.prototype.postMessage = before;
  }
  return workers;
}
