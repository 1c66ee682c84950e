import { Worker } from 'node:worker_threads';
import { expect, it, vi } from 'vitest';
import { threadPool } from '../threadPool.ts';
import type { LoopData, Part, PartResult } from './loop.ts';
import { runParts } from './runParts.ts';
import { startThreads } from './threads.ts';

/** Part `to` of the loop: 1 is done, 2 throws, 3 ends the thread, 4 never ends. */
const source = `return (heads, from, to) => {
  if (to === 2) throw new Error("planted");
  if (to === 3) process.exit(3);
  while (to === 4);
  return 7;
};`;
const data: LoopData = {
  kind: 'tuples',
  n: 2,
  variances: new Float64Array(2),
  covariances: new Float64Array(4),
  gradients: new Float64Array(4),
  weights: new Float64Array(4),
  loops: [{ source, heads: new Int32Array(4) }],
};
const part = (to: number): Part => ({ loop: 0, from: 0, to });

it('threads run parts; one that throws or ends rejects its part, and the next work has threads', async () => {
  const threads = await startThreads<Part, PartResult>(data, 3);
  expect(threads.length).toBe(3);
  expect((await threads[0]!.run(part(1))).tuples).toBe(7);
  await expect(threads[1]!.run(part(2))).rejects.toThrow(/a worker thread failed: Error: planted/);
  expect((await threads[1]!.run(part(1))).tuples).toBe(7);
  await expect(threads[2]!.run(part(3))).rejects.toThrow(/a worker thread failed: it ended with code 3/);
  await Promise.all(threads.map((thread) => thread.stop()));
  const others = await startThreads<Part, PartResult>(data, 3);
  for (const other of others) expect((await other.run(part(1))).tuples).toBe(7);
  await Promise.all(others.map((thread) => thread.stop()));
});

it.each([2, 3])('work of which part %i fails is rejected, and other work is done after it', async (fault) => {
  const run = async (parts: readonly Part[]) => {
    const done: number[] = [];
    const take = ({ tuples }: PartResult) => void done.push(tuples);
    const load = () => () => expect.unreachable('there are threads');
    await runParts<Part, PartResult>({ data, parts, load, isLong: true, take }, { threads: 2 });
    return done;
  };
  await expect(run([part(1), part(fault), part(1), part(1)])).rejects.toThrow(/a worker thread failed/);
  expect(await run([part(1), part(1), part(1)])).toEqual([7, 7, 7]);
});

it('a signal ends parts that would never end, and leaves no thread at work', async () => {
  const abort = new AbortController();
  const work = {
    data,
    parts: [part(4), part(4)],
    load: () => (): PartResult => expect.unreachable(),
    isLong: true,
    take: () => {},
  };
  const sent = vi.spyOn(Worker.prototype, 'postMessage');
  const stopped = expect(runParts(work, { threads: 2, signal: abort.signal })).rejects.toThrow('stopped by hand');
  const isAtWork = () => sent.mock.calls.filter(([message]) => 'part' in message).length === 2;
  while (!isAtWork()) await new Promise((resolve) => setTimeout(resolve, 1));
  sent.mockRestore();
  abort.abort(new Error('stopped by hand'));
  await stopped;
  const threads = await startThreads<Part, PartResult>(data, 2);
  expect((await threads[0]!.run(part(1))).tuples).toBe(7);
  await Promise.all(threads.map((thread) => thread.stop()));
});

it('there are no threads where their file does not load', async () => {
  expect(await startThreads(data, 2, threadPool('file:///absent/threads.ts'))).toEqual([]);
});
