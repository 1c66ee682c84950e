/**
 * Times of ntkc on the standard workloads, one JSON line each, with the fields of the peer's bench.py.
 *
 *     npm run -s bench -- [--target NAME] [--float32] [--threads N] [--reps N] [--profile] [WORKLOAD ...]
 *     (no name: all but relu-mlp-5-n8000)
 *
 * 'seconds' is the best of the repetitions (10) after one warm-up call: V8 optimises a kernel while the first ones run; the
 * whole square Gram matrix of x1, NTK only, in an array of what the kernel computes in. bench/threads.ts lets types and
 * threads take turns, bench/growth.ts sizes.
 * The target is wasm, the product's default, unless --target says reference, or tfjs: the best backend there is. --profile
 * adds what takes the time on one thread of the wasm target: once a sample, inner products, everything after them.
 */
import { parseArgs } from 'node:util';
import { compile, gram } from '../src/index.ts';
import { normals } from '../src/runtime/empirical/random.ts';
import type { RunTarget } from '../src/runtime/load.ts';
import { profileOf } from './profile.ts';
import { type Workload, workloads } from './workloads.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    float32: { type: 'boolean', default: false },
    target: { type: 'string', default: 'wasm' },
    threads: { type: 'string' },
    profile: { type: 'boolean', default: false },
    reps: { type: 'string', default: '10' },
  },
});
const unknown = positionals.find((name) => !workloads.some((w) => w.name === name));
if (unknown !== undefined) {
  console.error(`bench: no workload ${unknown}; there are ${workloads.map((w) => w.name).join(', ')}`);
  process.exit(2);
}
const chosen = workloads.filter((w) =>
  positionals.length > 0 ? positionals.includes(w.name) : w.name !== 'relu-mlp-5-n8000',
);
for (const workload of chosen) console.log(JSON.stringify(await measure(workload)));
process.exit(0); // tfjs may keep threads

async function measure({ name, n, net }: Workload) {
  const features = net.input.shape.reduce((product, k) => product * k, 1);
  const x = { data: normals(n * features, 1, 0), n };
  const started = performance.now();
  const kernel = await compile(net, {
    kernel: 'ntk',
    target: values.target as RunTarget,
    dtype: values.float32 ? 'float32' : 'float64',
    ...(values.threads !== undefined && { threads: Number(values.threads) }),
  });
  const fill = () => gram(kernel, x, undefined, { dtype: kernel.dtype });
  await fill();
  const first = performance.now() - started;
  let best = Number.POSITIVE_INFINITY;
  for (let r = 0; r < Number(values.reps); r++) {
    const start = performance.now();
    await fill();
    best = Math.min(best, performance.now() - start);
  }
  kernel.dispose();
  const profile = values.profile && kernel.target === 'wasm' ? { profile: await profileOf(net, x, values.reps) } : {};
  return {
    peer: `ntkc ${kernel.target}`,
    workload: name,
    n,
    dtype: kernel.dtype,
    seconds: Number((best / 1000).toFixed(4)),
    first_call_seconds: Number((first / 1000).toFixed(3)),
    ...profile,
  };
}
