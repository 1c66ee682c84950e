import { expect, it } from 'vitest';
import type { LoopData, Part, PartResult } from './loop.ts';
import { startThreads } from './threads.ts';

const data: LoopData = {
  kind: 'tuples',
  n: 2,
  variances: new Float64Array(2),
  covariances: new Float64Array(4),
  gradients: new Float64Array(4),
  weights: new Float64Array(4),
  loops: [
    {
      source: 'return (heads, from, to) => { if (to > 1) throw new Error("planted"); return 7; };',
      heads: new Int32Array(4),
    },
  ],
};

it('threads run parts, and a thread that throws rejects this part and the next', async () => {
  const threads = await startThreads<Part, PartResult>(data, 2);
  expect(threads.length).toBe(2);
  expect((await threads[0]!.run({ loop: 0, from: 0, to: 1 })).tuples).toBe(7);
  await expect(threads[1]!.run({ loop: 0, from: 0, to: 2 })).rejects.toThrow('planted');
  await expect(threads[1]!.run({ loop: 0, from: 0, to: 1 })).rejects.toThrow('planted');
  await Promise.all(threads.map((thread) => thread.stop()));
});

it('there are none where their file does not load', async () => {
  expect(await startThreads(data, 2, new URL('./absent.ts', import.meta.url))).toEqual([]);
});
