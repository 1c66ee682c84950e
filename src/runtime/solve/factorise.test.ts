import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { linearModule, loadable } from '../../codegen/linear/index.ts';
import { NtkcError } from '../../errors.ts';
import { cholesky } from './cholesky.ts';
import { factorise } from './factorise.ts';
import type { FactorJob } from './factorTask.ts';
import { Machine } from './machine.ts';
import { stop, takeTask } from './progress.ts';
import { runOnThreads } from './threads.ts';
import { solveCholesky } from './triangular.ts';
import type { JobMessage } from './worker.ts';

/** exp(−|p_i − p_j|²/2) of points in the plane: a kernel matrix, eigenvalues in [ridge, n + ridge]. */
function gaussian(n: number, ridge = 0.1): Float64Array {
  const point = (i: number) => [3 * Math.sin(i * i), 3 * Math.cos(1.7 * i * i)] as const;
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const [[p, q], [r, s]] = [point(i), point(j)];
      a[i * n + j] = Math.exp(-0.5 * ((p - r) ** 2 + (q - s) ** 2)) + (i === j ? ridge : 0);
    }
  return a;
}

const rightHandSides = (n: number, columns: number) =>
  Float64Array.from({ length: n * columns }, (_, i) => Math.sin(1 + 3 * i));

/** Largest entry of A X − B. */
function residual(a: Float64Array, x: Float64Array, b: Float64Array, n: number, columns: number): number {
  let worst = 0;
  for (let i = 0; i < n; i++)
    for (let c = 0; c < columns; c++) {
      let sum = -b[i * columns + c]!;
      for (let j = 0; j < n; j++) sum += a[i * n + j]! * x[j * columns + c]!;
      worst = Math.max(worst, Math.abs(sum));
    }
  return worst;
}

describe('factorise', () => {
  // Below and above the smallest blocked size, whole and broken tiles and panels, one right hand side to many blocks.
  it.each([
    [5, 2],
    [256, 1],
    [384, 12],
    [385, 13],
    [395, 3],
    [577, 205],
  ])('solves n = %i with %i right hand sides', async (n, columns) => {
    const a = gaussian(n);
    const before = a.slice();
    const b = rightHandSides(n, columns);
    const { solve } = await factorise(a, n);
    const x = await solve(b, columns);
    // Backward stable: about n·eps·|L||Lᵀ||x|, with |x| <= |b|/0.1 and rows of A that sum to at most 0.4 n: 1e-11 at the largest n.
    expect(residual(a, x, b, n, columns)).toBeLessThan(1e-11);
    expect(a).toEqual(before);
    // Once more, and others in between: the room for right hand sides is used again.
    const [again, other] = await Promise.all([solve(b, columns), solve(rightHandSides(n, 30), 30)]);
    expect(again).toEqual(x);
    expect(residual(a, other, rightHandSides(n, 30), n, 30)).toBeLessThan(1e-11);
  });

  it('agrees with the plain loops', async () => {
    const n = 400;
    const [a, b] = [gaussian(n, 1), rightHandSides(n, 4)];
    const plain = solveCholesky(cholesky(a, n, { shift: 0.5 }), b, 4);
    const blocked = await (await factorise(a, n, { shift: 0.5 })).solve(b, 4);
    // Condition number at most (0.4 n + 1.5)/1.5 < 110: 110 · n · eps = 1e-11 is generous.
    plain.forEach((v, i) => void expect(Math.abs(blocked[i]! - v)).toBeLessThan(1e-12));
  });

  it('gives the same bytes on any number of threads', async () => {
    const n = 1100;
    const [a, b] = [gaussian(n), rightHandSides(n, 40)];
    const [one, ...more] = await Promise.all(
      [1, 2, 4].map(async (threads) => (await factorise(a, n, { threads })).solve(b, 40)),
    );
    expect(residual(a, one!, b, n, 40)).toBeLessThan(1e-10);
    for (const x of more) expect(Buffer.compare(Buffer.from(x.buffer), Buffer.from(one!.buffer))).toBe(0);
  });
});

describe('without shared memory', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('one thread does it all', async () => {
    const n = 700;
    const [a, b] = [gaussian(n), rightHandSides(n, 13)];
    const threaded = await (await factorise(a, n, { threads: 2 })).solve(b, 13);
    vi.stubGlobal('SharedArrayBuffer', undefined);
    expect(await (await factorise(a, n, { threads: 2 })).solve(b, 13)).toEqual(threaded);
  });
});

describe('factorise refuses', () => {
  const n = 400;
  it('a singular matrix, naming the pivot and the duplicate row, wherever in a tile it is', async () => {
    for (const row of [7, 191, 192, 399]) {
      const a = gaussian(n, 0);
      for (let i = 0; i < n; i++) a[i * n + i]! += 0.1;
      for (let k = 0; k < n; k++) a[row * n + k] = a[3 * n + k]!;
      for (let k = 0; k < n; k++) a[k * n + row] = a[k * n + 3]!;
      await expect(factorise(a, n)).rejects.toThrow(
        new RegExp(`singular with ridge 0: rows 3 and ${row} are equal.*pivot ${row} of 400`),
      );
      await expect(factorise(a, n, { shift: 1e-6 })).resolves.toMatchObject({ n });
    }
  });

  it('an indefinite matrix, also on threads', async () => {
    const large = 1000;
    const a = gaussian(large);
    a[900 * large + 900] = -1;
    for (const threads of [1, 2])
      await expect(factorise(a, large, { threads, name: 'Gram' })).rejects.toThrow(
        /the Gram is not positive definite.*negative eigenvalue.*pivot 900 of 1000/,
      );
  });

  it('entries that are not finite, a wrong size, and right hand sides likewise', async () => {
    const a = gaussian(n);
    const { solve } = await factorise(a, n);
    await expect(solve(new Float64Array(5), 1)).rejects.toThrow('5 entries');
    await expect(solve(new Float64Array(n).fill(Number.NaN, 9), 1)).rejects.toThrow('row 9, column 0');
    expect(residual(a, await solve(rightHandSides(n, 1), 1), rightHandSides(n, 1), n, 1)).toBeLessThan(1e-11);
    a[3] = Number.NaN;
    await expect(factorise(a, n)).rejects.toThrow(/holds NaN.*row 0, column 3/);
    await expect(factorise(a, n + 1)).rejects.toThrow(NtkcError);
  });
});

describe('a thread that fails', () => {
  it('frees those that wait for it, and the job ends with its reason', async () => {
    const module = new WebAssembly.Module(loadable(linearModule, true));
    const memory = new WebAssembly.Memory({ initial: 30, maximum: 65536, shared: true });
    const machine = new Machine(1, 2);
    // Task 0 is taken and never done, so that the first thread waits.
    const job: FactorJob = {
      kind: 'factor',
      factor: { cut: { size: 384, tiles: 2 }, inverses: 0 },
      control: machine.flags(2).fill(1, 0, 1),
      done: machine.flags(3),
      diagonal: machine.numbers(384),
      lost: machine.numbers(2).fill(-1),
    };
    const noMemory = undefined as unknown as WebAssembly.Memory;
    const run = runOnThreads(
      [
        { module, memory, job, thread: 0 },
        { module, memory: noMemory, job, thread: 1 },
      ],
      () => stop(job),
    );
    await expect(run).rejects.toThrow('a worker thread failed');
  });

  it('ends the job also when it is terminated in the middle, and the next job has new threads', async () => {
    const n = 600;
    const [a, b] = [gaussian(n), rightHandSides(n, 1)];
    const spy = vi.spyOn(Worker.prototype, 'postMessage').mockImplementationOnce(function (this: Worker, message) {
      spy.mockRestore();
      const { job } = message as JobMessage;
      expect(takeTask(job)).toBe(0); // and never done, so that both threads wait at their first tasks
      this.postMessage(message);
      const taken = () => Atomics.load(job.control, 0);
      const timer = setInterval(() => {
        if (taken() < 3) return;
        clearInterval(timer);
        void this.terminate();
      }, 1);
    });
    await expect(factorise(a, n, { threads: 2 })).rejects.toThrow('a worker thread failed: it ended with code');
    const { solve } = await factorise(a, n, { threads: 2 });
    expect(residual(a, await solve(b, 1), b, n, 1)).toBeLessThan(1e-10);
  });
});
