/** Prints what 100 Gram matrices on two threads leave behind, and 100 that failed, in bytes: `node --expose-gc`. */
import { Worker } from 'node:worker_threads';
import { compile, dense, gram, network, relu } from '../../src/index.ts';
import { withFault } from './threadFaults.ts';

const net = network({ input: { shape: [3] }, layers: [dense(), relu(), dense()] });
const kernel = await compile(net, { target: 'wasm', threads: 2 });
const n = 500;
const x = { n, data: Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(i * i)) };
const run = () => gram(kernel, x);
const failed = async () => {
  const [error] = await withFault('throws', run);
  if (error === undefined) throw new Error('a planted fault was not noticed');
};

async function settled(): Promise<number> {
  for (let k = 0; k < 5; k++) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

/** Threads that were sent anything. */
const workers = new Set<Worker>();
const send = Worker.prototype.postMessage;
Worker.prototype.postMessage = function (this: Worker, ...message: Parameters<typeof send>) {
  workers.add(this);
  send.apply(this, message);
};

interface Left {
  /** While threads live, which collect their garbage when they like. */
  readonly alive: number;
  /** After they have been ended. */
  readonly ended: number;
}

async function left(work: () => Promise<unknown>): Promise<Left> {
  for (let k = 0; k < 10; k++) await work(); // what is kept for good: compiled code
  const endThreads = () => Promise.all([...workers].map((worker) => worker.terminate()));
  await endThreads();
  const before = await settled();
  for (let k = 0; k < 100; k++) await work();
  const alive = (await settled()) - before;
  await endThreads();
  return { alive, ended: (await settled()) - before };
}

console.log(JSON.stringify({ done: await left(run), failed: await left(failed), bytesOfOne: 8 * n * n }));
