/**
 * Times of the linear algebra, one JSON line each; with --python, numpy's on the same machine in the same minutes.
 *
 *     node bench/linear.ts [--n 4000] [--eigen 1000] [--threads N] [--reps N] [--python PATH]
 *
 * Both sides take turns; 'seconds' is the best of the repetitions after the first, 'ratio' is ours to numpy's. numpy solves by
 * LU, for want of a Cholesky solve.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { factorise } from '../src/runtime/solve/factorise.ts';
import { product } from '../src/runtime/solve/product.ts';
import { symmetricEigen } from '../src/runtime/solve/symmetricEigen.ts';

const { values: options } = parseArgs({
  options: {
    n: { type: 'string', default: '4000' },
    eigen: { type: 'string', default: '1000' },
    threads: { type: 'string' },
    reps: { type: 'string', default: '5' },
    python: { type: 'string' },
  },
});
const threads = options.threads === undefined ? {} : { threads: Number(options.threads) };
const rhsColumns = 100;

/** exp(−|p_i − p_j|²/2) of points in the plane, plus 0.1 on the diagonal. */
function gaussian(n: number): Float64Array {
  const a = new Float64Array(n * n);
  const x = Float64Array.from({ length: n }, (_, i) => 3 * Math.sin(i * i));
  const y = Float64Array.from({ length: n }, (_, i) => 3 * Math.cos(1.7 * i * i));
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      a[i * n + j] = Math.exp(-0.5 * ((x[i]! - x[j]!) ** 2 + (y[i]! - y[j]!) ** 2)) + (i === j ? 0.1 : 0);
  return a;
}

/** A symmetric matrix with a spread spectrum, nothing to deflate. */
const spread = (n: number) =>
  Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    return Math.sin(1.37 * i * j + i + j + 0.7 * (i * i + j * j));
  });

/** The same matrices; a line 'cholesky 4000' is answered by its seconds. */
const numpySide = `
import sys, time
import numpy as np
def gaussian(n):
    i = np.arange(n); x = 3*np.sin(i*i); y = 3*np.cos(1.7*i*i)
    return np.exp(-0.5*((x[:, None] - x)**2 + (y[:, None] - y)**2)) + 0.1*np.eye(n)
def spread(n):
    i = np.arange(n)[:, None]; j = i.T
    return np.sin(1.37*i*j + i + j + 0.7*(i*i + j*j))
run = {
  'cholesky': (gaussian, np.linalg.cholesky),
  'cholesky and solve': (gaussian, lambda a: np.linalg.solve(a, a[:, :${rhsColumns}])),
  'product': (gaussian, lambda a: a @ a),
  'eigen': (spread, np.linalg.eigh),
}
for line in sys.stdin:
    name, n = line.rsplit(' ', 1)
    make, f = run[name]; a = make(int(n)); start = time.perf_counter(); f(a)
    print(time.perf_counter() - start, flush=True)
`;

function startNumpy(python: string) {
  const child = spawn(python, ['-c', numpySide], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.on('error', (error) => {
    console.error(`bench: ${error.message}`);
    process.exit(2);
  });
  return {
    seconds: async (name: string, n: number) => {
      child.stdin.write(`${name} ${n}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error('bench: python ended');
      return Number(value);
    },
    end: () => child.stdin.end(),
  };
}

const numpy = options.python === undefined ? undefined : startNumpy(options.python);
if (numpy === undefined) console.error('bench: no --python, so numpy is skipped');
const [n, eigenSize] = [Number(options.n), Number(options.eigen)];
const matrix = gaussian(n);
const rhs = Float64Array.from(
  { length: n * rhsColumns },
  (_, at) => matrix[Math.floor(at / rhsColumns) * n + (at % rhsColumns)]!,
);
await compare('cholesky', n, () => factorise(matrix, n, threads));
await compare('cholesky and solve', n, async () => (await factorise(matrix, n, threads)).solve(rhs, rhsColumns));
await compare('product', n, () => product(matrix, matrix, { rows: n, inner: n, columns: n, ...threads }));
const small = spread(eigenSize);
await compare('eigen', eigenSize, async () => symmetricEigen(small, eigenSize));
numpy?.end();

async function compare(name: string, size: number, run: () => Promise<unknown>): Promise<void> {
  let [ours, theirs, first] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let r = 0; r <= Number(options.reps); r++) {
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    const other = (await numpy?.seconds(name, size)) ?? Number.NaN;
    if (r === 0) first = seconds;
    else [ours, theirs] = [Math.min(ours, seconds), Math.min(theirs, other)];
  }
  const round = (v: number) => Number(v.toPrecision(4));
  const peer = numpy === undefined ? {} : { numpy_seconds: round(theirs), ratio: round(ours / theirs) };
  console.log(JSON.stringify({ workload: name, n: size, first: round(first), seconds: round(ours), ...peer }));
}
