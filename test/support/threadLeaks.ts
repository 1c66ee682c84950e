/** Prints what 100 Gram matrices on two threads leave behind, and 100 that failed, in bytes: `node --expose-gc`. */
import type { Worker } from 'node:worker_threads';
import { compile, dense, gram, network, relu } from '../../src/index.ts';
import { withFault, workersOf } from './threadFaults.ts';

const net = network({ input: { shape: [3] }, layers: [dense(), relu(), dense()] });
const kernel = await compile(net, { target: 'wasm', threads: 2 });
const n = 1000;
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

interface Left {
  /** While threads live, which collect their garbage when they like. */
  readonly alive: number;
  /** After they have been ended. */
  readonly ended: number;
}

async function left(work: () => Promise<unknown>): Promise<Left> {
  const repeat = (times: number) =>
    workersOf(async () => {
      for (let k = 0; k < times; k++) await work();
    });
  const end = (threads: ReadonlySet<Worker>) => Promise.all([...threads].map((thread) => thread.terminate()));
  await end(await repeat(10)); // what is kept for good: compiled code
  const before = await settled();
  const threads = await repeat(100);
  const alive = (await settled()) - before;
  await end(threads);
  return { alive, ended: (await settled()) - before };
}

console.log(JSON.stringify({ done: await left(run), failed: await left(failed), bytesOfOne: 8 * n * n }));
