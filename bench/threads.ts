/**
 * float32 against float64, and all threads against one, in one process and taking turns; one JSON line a workload.
 *
 *     node bench/threads.ts [--n N] [--reps N] [--threads N] [WORKLOAD ...]      (no name: the vector workloads with closed forms)
 *
 * Seconds are the best of the repetitions (20) of a whole gram() after as many to warm up; a float32 kernel gives a
 * Float32Array. `fresh` is the same with every matrix in memory that was not touched before, as a first call has it: the
 * others mostly get what an earlier matrix left. On a busy machine `chrt -r 5 node bench/threads.ts` has the cores for itself.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { compile, type DType, gram } from '../src/index.ts';
import { normals } from '../src/runtime/empirical/random.ts';
import { type Workload, workloads } from './workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: 'string' },
    reps: { type: 'string', default: '20' },
    threads: { type: 'string', default: `${availableParallelism()}` },
  },
});
const reps = Number(values.reps);
const names = positionals.length > 0 ? positionals : ['relu-mlp-5', 'relu-mlp-20', 'erf-mlp-5', 'gelu-mlp-5'];

for (const name of names) {
  const workload = workloads.find((w) => w.name === name);
  if (workload === undefined) {
    console.error(`bench: no workload ${name}; there are ${workloads.map((w) => w.name).join(', ')}`);
    process.exit(2);
  }
  console.log(JSON.stringify(await measure(workload)));
}

async function measure({ name, net, n: usual }: Workload) {
  const n = Number(values.n ?? usual);
  const features = net.input.shape.reduce((product, k) => product * k, 1);
  const x = { data: normals(n * features, 1, 0), n };
  const run = async (dtype: DType, threads: number) => {
    const kernel = await compile(net, { kernel: 'ntk', dtype, threads });
    return { label: `${dtype}_${threads}`, fill: () => gram(kernel, x, undefined, { dtype }), best: Infinity };
  };
  const all = Number(values.threads);
  const runs: Awaited<ReturnType<typeof run>>[] = [];
  for (const threads of new Set([1, all]))
    for (const dtype of ['float64', 'float32'] as const) runs.push(await run(dtype, threads));
  for (let r = 0; r < 2 * reps; r++)
    for (const one of runs) {
      const start = performance.now();
      await one.fill();
      if (r >= reps) one.best = Math.min(one.best, performance.now() - start);
    }
  const seconds = (label: string) => (runs.find((r) => r.label === label)?.best ?? Number.NaN) / 1000;
  const fresh = new Map<string, number>();
  for (const { label, fill } of runs.filter((r) => r.label.endsWith(`_${all}`)))
    fresh.set(label, await freshSeconds(fill));
  const ratio = (a: number, b: number) => Number((a / b).toFixed(2));
  return {
    workload: name,
    n,
    threads: all,
    ...Object.fromEntries(runs.map(({ label }) => [label, Number(seconds(label).toFixed(4))])),
    float32_one_thread: ratio(seconds('float64_1'), seconds('float32_1')),
    float32_all_threads: ratio(seconds(`float64_${all}`), seconds(`float32_${all}`)),
    float32_all_threads_fresh: ratio(fresh.get(`float64_${all}`) ?? 0, fresh.get(`float32_${all}`) ?? 0),
    threads_float64: ratio(seconds('float64_1'), seconds(`float64_${all}`)),
    threads_float32: ratio(seconds('float32_1'), seconds(`float32_${all}`)),
    load: Number(loadavg()[0]?.toFixed(1)),
  };
}

/** The best of some runs whose results are all kept, so that none gets the memory of another. */
async function freshSeconds(fill: () => Promise<unknown>): Promise<number> {
  const kept: unknown[] = [];
  let best = Infinity;
  for (let r = 0; r < Math.min(reps, 12); r++) {
    const start = performance.now();
    kept.push(await fill());
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}
