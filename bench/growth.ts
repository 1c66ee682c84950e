/**
 * Time of a Gram matrix per entry as n grows; one JSON line a size.
 *
 *     node bench/growth.ts [--float32] [--threads N] [--rounds N] [--workload NAME] [N ...]      (no sizes: 1000 2000 4000 8000 20000)
 *
 * The sizes take turns, small ones more often. `fresh`: each matrix in memory that nobody has touched, as a first call has it,
 * and every call of a large n. `touched`: in memory that was written before, as repeated calls of a small n often get. The machine
 * gives memory page by page at the first touch: `faults` counts that, per page of the matrix; GLIBC_TUNABLES=glibc.malloc.hugetlb=1
 * (glibc) makes the pages 2 MB. n = 20,000 needs 7 GB. On a busy machine `chrt -r 5 node bench/growth.ts` has the cores for itself.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { compile, gram } from '../src/index.ts';
import { normals } from '../src/runtime/empirical/random.ts';
import { workloads } from './workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    float32: { type: 'boolean', default: false },
    threads: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    workload: { type: 'string', default: 'relu-mlp-5' },
  },
});
const net = workloads.find((w) => w.name === values.workload)?.net;
if (net === undefined) {
  console.error(`bench: no workload ${values.workload}; there are ${workloads.map((w) => w.name).join(', ')}`);
  process.exit(2);
}
const dtype = values.float32 ? 'float32' : 'float64';
const bytes = values.float32 ? 4 : 8;
const pageBytes = 4096;
const sizes = positionals.length > 0 ? positionals.map(Number) : [1000, 2000, 4000, 8000, 20_000];
const features = net.input.shape.reduce((product, k) => product * k, 1);
const threads = Number(values.threads ?? availableParallelism());
const kernel = await compile(net, { dtype, threads });

interface Best {
  readonly ms: number;
  readonly cpuMs: number;
  readonly faults: number;
}

const inputs = new Map(sizes.map((n) => [n, { data: normals(n * features, 1, 0), n }]));
const inputsOf = (n: number) => inputs.get(n) as { data: Float64Array; n: number };

/** Matrices that are kept, so that none gets the memory of another; large ones leave none when they are dropped. */
const kept: unknown[] = [];
const largestKept = 2000;

async function fresh(n: number): Promise<void> {
  const matrix = await gram(kernel, inputsOf(n), undefined, { dtype });
  if (n <= largestKept) kept.push(matrix);
}

async function touched(n: number, into: ArrayBufferLike): Promise<void> {
  const a = await kernel.prepare(inputsOf(n));
  const request = { a, b: a, symmetric: true, rows: [0, n], output: 0, into } as const;
  await (values.float32 ? kernel.matrix32?.(request) : kernel.matrix?.(request));
}

/** The fastest of several runs. */
async function best(runs: number, run: () => Promise<void>): Promise<Best> {
  let found: Best = { ms: Infinity, cpuMs: 0, faults: 0 };
  for (let r = 0; r < runs; r++) {
    const [cpu, faults, start] = [process.cpuUsage(), process.resourceUsage().minorPageFault, performance.now()];
    await run();
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    if (ms < found.ms)
      found = { ms, cpuMs: (user + system) / 1000, faults: process.resourceUsage().minorPageFault - faults };
  }
  return found;
}

const bufferOf = (n: number): ArrayBufferLike => {
  const length = bytes * n * n;
  const buffer = threads > 1 ? new SharedArrayBuffer(length) : new ArrayBuffer(length);
  new Float64Array(buffer).fill(1);
  return buffer;
};

const small = { data: normals(1000 * features, 1, 0), n: 1000 };
for (let r = 0; r < 30; r++) await gram(kernel, small, undefined, { dtype }); // V8 optimises
const least = new Map<string, Best>();
const keep = (key: string, now: Best) => {
  const before = least.get(key);
  if (before === undefined || now.ms < before.ms) least.set(key, now);
};
for (let round = 0; round < Number(values.rounds); round++)
  for (const n of sizes) {
    const runs = Math.max(1, Math.min(16, Math.floor(5e7 / (n * n))));
    keep(`${n} fresh`, await best(runs, () => fresh(n)));
    const into = bufferOf(n);
    keep(`${n} touched`, await best(runs, () => touched(n, into)));
  }
const shown = (n: number, memory: string) => {
  const { ms, cpuMs, faults } = least.get(`${n} ${memory}`) as Best;
  const perEntry = (v: number) => Number(((v * 1e6) / (n * n)).toFixed(2));
  return {
    ns: perEntry(ms),
    cpu_ns: perEntry(cpuMs),
    faults: Number(((faults * pageBytes) / (n * n * bytes)).toFixed(2)),
  };
};
for (const n of sizes)
  console.log(
    JSON.stringify({
      n,
      dtype,
      threads,
      fresh: shown(n, 'fresh'),
      touched: shown(n, 'touched'),
      load: Number(loadavg()[0]?.toFixed(1)),
    }),
  );
process.exit(0);
