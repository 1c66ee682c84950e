import { expect, it } from 'vitest';
import { tiledJob } from './tiledMatrix.ts';
import { numbersOf } from './tiles.ts';

it('a matrix of 4 GB and more reaches other threads whole', () => {
  // Pages nobody touches take no memory.
  const [span, noTiles] = [{ i0: 0, i1: 23_500, j0: 0, j1: 23_500 }, 23_500];
  const job = tiledJob({ symmetric: false, output: 0 } as Parameters<typeof tiledJob>[0], span, noTiles, 2, 'float64');
  const received = structuredClone(job);
  expect(numbersOf(received)).toHaveLength(23_500 ** 2);
  numbersOf(received)[23_500 ** 2 - 1] = 1;
  expect(numbersOf(job).at(-1)).toBe(1);
});
