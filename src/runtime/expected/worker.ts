/** A thread that runs parts of a contraction as they are sent to it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type LoopData, loadLoops, type Part } from './loop.ts';

const run = loadLoops(workerData as LoopData);
parentPort?.on('message', (part: Part) => {
  const result = run(part);
  parentPort?.postMessage(result, [result.matrix.buffer as ArrayBuffer]);
});
parentPort?.postMessage('ready');
