/** A thread that runs parts of some work as they are sent to it. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadWork, type ThreadData } from './load.ts';

const run = loadWork(workerData as ThreadData) as (part: unknown) => { readonly matrix: Float64Array };
parentPort?.on('message', (part: unknown) => {
  const result = run(part);
  parentPort?.postMessage(result, [result.matrix.buffer as ArrayBuffer]);
});
parentPort?.postMessage('ready');
