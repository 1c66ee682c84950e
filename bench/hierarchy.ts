/**
 * Contractions of K3 and K4 of finite networks by emitted code, beside the loop over tuples, one JSON line each.
 *
 *     node bench/hierarchy.ts [--target wasm|reference|tfjs] [--tfjs-backend NAME] [WORKLOAD ...]
 *
 * 'seconds' is the best of three after one warm-up: Σ_γ K3(α, β, γ) r_γ, or Σ_γξ C_γξ K4(α, β, γ, ξ), for all α, β.
 * 'prepare_seconds' is the forward pass with derivatives, 'plan_seconds' derivation, planning and loading. 'loop_seconds'
 * is an estimate: the time of a tuple of the fastest form there is (reference code for one tuple, or jets), in a sample of
 * tuples, times n^order.
 */
import { parseArgs } from 'node:util';
import { hierarchyProgram } from '../src/derive/hierarchy/explicit/program.ts';
import { dense, erf, finiteNetwork, type Network, network } from '../src/index.ts';
import { hierarchyAt } from '../src/runtime/empirical/hierarchy/index.ts';
import { initialise, normals } from '../src/runtime/empirical/index.ts';
import { type HierarchySamples, type HierarchyTarget, loadHierarchy } from '../src/runtime/hierarchy/index.ts';

interface Workload {
  readonly layers: number;
  readonly order: 3 | 4;
  readonly n: number;
  readonly width: number;
}

const features = 20;
const workloads: Readonly<Record<string, Workload>> = {
  'k3-2-layers': { layers: 2, order: 3, n: 200, width: 1024 },
  'k3-3-layers': { layers: 3, order: 3, n: 200, width: 1024 },
  'k4-2-layers': { layers: 2, order: 4, n: 100, width: 1024 },
  'k4-3-layers': { layers: 3, order: 4, n: 40, width: 256 },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { target: { type: 'string', default: 'wasm' }, 'tfjs-backend': { type: 'string' } },
});
const unknown = positionals.find((name) => !(name in workloads));
if (unknown !== undefined) {
  console.error(`bench: no workload ${unknown}; there are ${Object.keys(workloads).join(', ')}`);
  process.exit(2);
}
for (const [name, workload] of Object.entries(workloads))
  if (positionals.length === 0 || positionals.includes(name))
    console.log(JSON.stringify({ workload: name, ...(await measure(workload)) }));
process.exit(0); // tfjs may keep threads

function networkOf(layers: number): Network {
  const hidden = Array.from({ length: layers - 1 }, () => [dense({ bStd: 0.1 }), erf()]).flat();
  return network({ name: `${layers} layers`, input: { shape: [features] }, layers: [...hidden, dense()] });
}

async function measure({ layers, order, n, width }: Workload) {
  const net = networkOf(layers);
  const finite = finiteNetwork(net, { width, outputs: 1 });
  const samples: HierarchySamples = { parameters: initialise(finite, 0), x: normals(n * features, 1, 1), n };
  const started = performance.now();
  const kernel = await loadHierarchy(hierarchyProgram(net, order, finite), {
    target: values.target as HierarchyTarget,
    samples: n,
    memoryLimitBytes: 4 * 2 ** 30,
    ...(values['tfjs-backend'] !== undefined && { tfjsBackend: values['tfjs-backend'] }),
  });
  const planSeconds = secondsSince(started);
  const preparing = performance.now();
  const prepared = await kernel.prepare(samples);
  const prepareSeconds = secondsSince(preparing);
  const weights = normals(n ** (order - 2), 1, 2);
  const contract = () => prepared.contracted(weights);
  await contract();
  const seconds = await best(contract);
  const reference = await loadHierarchy(kernel.program, {
    target: 'reference',
    samples: n,
    memoryLimitBytes: Number.POSITIVE_INFINITY,
  });
  const plain = await reference.prepare(samples);
  const perTuple = await tupleSeconds(order, samples, finite, (tuples) => plain.at(tuples));
  const loopSeconds = perTuple * n ** order;
  const { flops, peakBytes } = kernel.plans.contracted!.plan;
  return {
    target: kernel.target,
    order,
    n,
    width,
    features,
    seconds,
    prepare_seconds: prepareSeconds,
    plan_seconds: planSeconds,
    gflop: Number((flops / 1e9).toPrecision(4)),
    peak_mb: Number((peakBytes / 1e6).toPrecision(4)),
    loop_seconds: Number(loopSeconds.toPrecision(3)),
    ratio: Number((loopSeconds / (seconds + prepareSeconds)).toPrecision(3)),
  };
}

/** Of the faster of the two forms that give one tuple at a time. */
async function tupleSeconds(
  order: number,
  { parameters, x, n }: HierarchySamples,
  finite: ReturnType<typeof finiteNetwork>,
  at: (tuples: readonly (readonly number[])[]) => Promise<Float64Array>,
): Promise<number> {
  // Neighbours in the loop: jets reuse what tuples share.
  const tuples = Array.from({ length: 32 }, (_, k) =>
    [1, 2, ...Array.from({ length: order - 3 }, () => Math.floor(k / 8) % n), k % Math.min(n, 8)].slice(0, order),
  );
  const emitted = await best(() => at(tuples));
  const jets = await best(async () => hierarchyAt(finite, parameters, x, n, tuples));
  return Math.min(emitted, jets) / tuples.length;
}

async function best(work: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let repetition = 0; repetition < 3; repetition++) {
    const start = performance.now();
    await work();
    least = Math.min(least, secondsSince(start));
  }
  return least;
}

function secondsSince(start: number): number {
  return Number(((performance.now() - start) / 1000).toFixed(6));
}
