import { expect, it } from 'vitest';
import type { MatrixRequest } from '../../kernel.ts';
import { filledMatrix, tiledJob } from './tiledMatrix.ts';
import { numbersOf } from './tiles.ts';

const request = { symmetric: false, output: 0 } as MatrixRequest;

it('a matrix of 4 GB and more reaches other threads whole', () => {
  // Pages nobody touches take no memory.
  const n = 23_500;
  const job = tiledJob(request, { i0: 0, i1: n, j0: 0, j1: n }, n, 2, 'float64');
  const received = structuredClone(job);
  expect(numbersOf(received)).toHaveLength(n ** 2);
  numbersOf(received)[n ** 2 - 1] = 1;
  expect(numbersOf(job).at(-1)).toBe(1);
});

it.each([
  ['another thread', [0.25, 0.5], [0.25, 0.5, 1]],
  ['other threads, all of them', [], [1]],
  ['this thread', [0.5, 1], [0.5, 1]],
])('the last report is the whole where %s had the last tile', async (_, tiles, expected) => {
  const reports: number[] = [];
  const job = tiledJob(request, { i0: 0, i1: 4, j0: 0, j1: 4 }, 1, 2, 'float64');
  await filledMatrix(job, tiles, Promise.resolve(), { ...request, onProgress: (part) => void reports.push(part) });
  expect(reports).toEqual(expected);
});
