/** Threads that fail, are ended or stopped: a clear error, no hang, and the next call works. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { hierarchyProgram } from '../src/derive/hierarchy/explicit/program.ts';
import { finiteNetwork } from '../src/derive/index.ts';
import { compile, dense, elementwise, gram, NtkcError, network, relu } from '../src/index.ts';
import { initialise, normals } from '../src/runtime/empirical/index.ts';
import { loadHierarchy } from '../src/runtime/hierarchy/index.ts';
import { factorise } from '../src/runtime/solve/factorise.ts';
import { product } from '../src/runtime/solve/product.ts';
import { repoRoot } from './support/cli.ts';
import { faultNames, holdNextMessage, withFault, workersOf } from './support/threadFaults.ts';

const net = network({ input: { shape: [3] }, layers: [dense(), relu(), dense(), relu(), dense()] });
const n = 1500;
const x = { n, data: normals(3 * n, 1, 1) };

async function gramWork() {
  const kernel = await compile(net, { target: 'wasm', threads: 2 });
  return () => gram(kernel, x);
}

async function choleskyWork() {
  const size = 1200;
  const matrix = new Float64Array(size * size).map(
    (_, k) => Number(k % (size + 1) === 0) * size + Math.cos(k % size) * Math.cos(Math.floor(k / size)),
  );
  return async () => (await factorise(matrix, size, { threads: 2 })).solve(new Float64Array(size).fill(1), 1);
}

async function productWork() {
  const a = normals(800 * 800, 1, 2);
  return () => product(a, a, { rows: 800, inner: 800, columns: 800, threads: 2 });
}

async function hierarchyWork() {
  const two = network({ input: { shape: [3] }, layers: [dense(), elementwise('sin(x)'), dense()] });
  const finite = finiteNetwork(two, { width: 200, outputs: 1 });
  const kernel = await loadHierarchy(hierarchyProgram(two, 3, finite), { samples: 60, threads: 2 });
  const prepared = await kernel.prepare({ parameters: initialise(finite, 1), x: normals(180, 1, 3), n: 60 });
  return () => prepared.contracted(normals(60, 1, 4));
}

/** Byte for byte. */
const isSame = (a: Float64Array, b: Float64Array) =>
  Buffer.compare(new Uint8Array(a.buffer), new Uint8Array(b.buffer)) === 0;

describe.each([
  ['gram', gramWork],
  ['factorise', choleskyWork],
  ['product', productWork],
  ['hierarchy', hierarchyWork],
])('a thread of %s', (_, make) => {
  it.each(faultNames)('that %s: an error that says so, and the next call works', async (fault) => {
    const work = await make();
    const expected = await work();
    let [error, met] = await withFault(fault, work);
    // A thread may be done before it is ended.
    for (let again = 0; error === undefined && again < 5; again++) [error, met] = await withFault(fault, work);
    expect(met).toBe(1);
    expect(error).toBeInstanceOf(NtkcError);
    expect((error as NtkcError).message).toMatch(/^a worker thread failed: .*\. Try again, or with one thread\.$/);
    expect(isSame(await work(), expected)).toBe(true);
  });
});

it('a thread that fails before it has loaded a kernel loads it for the next matrix', async () => {
  const kernel = await compile(net, { target: 'wasm', threads: 2 });
  const [error] = await withFault('throws', () => gram(kernel, x));
  expect(error).toBeInstanceOf(NtkcError);
  const alone = await compile(net, { target: 'wasm', threads: 1 });
  expect(isSame(await gram(kernel, x), await gram(alone, x))).toBe(true);
});

it('a signal stops a Gram matrix, and the same threads are there for the next', async () => {
  const kernel = await compile(net, { target: 'wasm', threads: 2 });
  const expected = await gram(kernel, x);
  const abort = new AbortController();
  const before = await workersOf(async () => {
    // The other thread would leave no tile where this one is slow: it gets the job once this one has done a tile.
    const send = holdNextMessage();
    const onProgress = () => {
      send();
      abort.abort(new Error('by hand'));
    };
    await expect(gram(kernel, x, undefined, { signal: abort.signal, onProgress })).rejects.toThrow('by hand');
  });
  expect(before.size).toBe(1);
  let again: Float64Array = new Float64Array();
  const after = await workersOf(async () => {
    again = await gram(kernel, x);
  });
  expect(after.size).toBe(1);
  for (const worker of after) expect(before.has(worker)).toBe(true);
  expect(isSame(again, expected)).toBe(true);
});

interface LeftBehind {
  readonly done: { readonly alive: number; readonly ended: number };
  readonly failed: { readonly alive: number; readonly ended: number };
  readonly bytesOfOne: number;
}

it('100 Gram matrices on threads leave no memory behind, nor do 100 that failed', async () => {
  const script = join(repoRoot, 'test/support/threadLeaks.ts');
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', script], { cwd: repoRoot });
  const { done, failed, bytesOfOne } = JSON.parse(stdout) as LeftBehind;
  for (const { alive, ended } of [done, failed]) {
    // A living thread has some 64 MB of garbage before it collects it, 8 matrices; 100 would be a leak.
    expect(alive).toBeLessThan(50 * bytesOfOne);
    // One matrix kept, or a hundredth of each, would show; collected garbage and code leave some 100 KB, either way.
    expect(ended).toBeLessThan(bytesOfOne);
  }
});
