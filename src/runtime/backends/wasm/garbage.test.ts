import { expect, it } from 'vitest';
import { compile } from '../../../compile.ts';
import { dense, network, relu } from '../../../ops/vocabulary.ts';
import { gram } from '../../gram.ts';

it('matrices of threads that are dropped make room for the next', async () => {
  const kernel = await compile(network({ input: { shape: [2] }, layers: [dense(), relu(), dense()] }), { threads: 2 });
  const n = 2500; // 50 MB
  const x = { n, data: Float64Array.from({ length: 2 * n }, (_, i) => Math.sin(i * i)) };
  const before = process.memoryUsage.rss();
  let most = 0;
  for (let r = 0; r < 24; r++) {
    await gram(kernel, x);
    most = Math.max(most, process.memoryUsage.rss() - before);
  }
  // Two or three are there at a time; without the count all 24 stay, or V8 happens to collect at some ten.
  expect(most / (8 * n * n)).toBeLessThan(7);
});
