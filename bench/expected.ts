/**
 * E K4 contracted with C: `node bench/expected.ts [n] [neurons]`, a JSON line for each activation. Inputs are n normals of
 * 20 features. `exact`: all tuples, n = 100 by default; `sampled`: n = 1000, 1024 neurons by default.
 */
import { expectedContraction } from '../src/expectedContraction.ts';
import { dense, elementwise, erf, exp, gelu, leakyRelu, network, relu, sin } from '../src/ops/vocabulary.ts';
import { normals } from '../src/runtime/empirical/random.ts';
import { sampledContraction } from '../src/sampledContraction.ts';

const features = 20;
const count = Number(process.argv[2] ?? 100);
const neurons = Number(process.argv[3] ?? 1024);

const activations = [
  ['relu', relu(), { coincident: 'exclude' }],
  ['relu smoothed by 0.3', relu(), { smoothing: 0.3 }],
  ['leakyRelu', leakyRelu({ slope: 0.1 }), { coincident: 'exclude' }],
  ['erf', erf(), {}],
  ['gelu', gelu(), {}],
  ['sin', sin(), {}],
  ['exp', exp(), {}],
  ['exp(-x^2/2)', elementwise('exp(-0.5*x^2)'), {}],
  ['x^3-2*x^2+0.5', elementwise('x^3-2*x^2+0.5'), {}],
] as const;

function problem(n: number) {
  const data = normals(n * features, 1, 1);
  const x = Array.from({ length: n }, (_, i) => [...data.subarray(i * features, (i + 1) * features)]);
  const c = normals(n * n, 1, 2);
  // Symmetric, as weights of pairs are.
  return { x, weights: c.map((v, k) => v + (c[(k % n) * n + Math.floor(k / n)] as number)) };
}

const exact = problem(count);
for (const [name, layer, options] of activations) {
  const net = network({ input: { shape: [features] }, layers: [dense(), layer, dense()] });
  for (const threads of [1, 2]) {
    const start = performance.now();
    const { excluded } = await expectedContraction(net, exact.x, exact.weights, { ...options, threads });
    const seconds = (performance.now() - start) / 1e3;
    const tuples = count ** 4 - excluded;
    const perTuple = { microsecondsPerTuple: (seconds * 1e6) / tuples };
    console.log(JSON.stringify({ what: 'exact', activation: name, n: count, threads, seconds, tuples, ...perTuple }));
  }
}

const sampled = problem(1000);
for (const [name, layer, options] of [
  ['tanh', elementwise('tanh(x)'), {}],
  ['relu smoothed by 0.3', relu(), { smoothing: 0.3 }],
] as const) {
  const net = network({ input: { shape: [features] }, layers: [dense(), layer, dense()] });
  const start = performance.now();
  const found = await sampledContraction(net, sampled.x, sampled.weights, { ...options, neurons });
  const seconds = (performance.now() - start) / 1e3;
  const size = (values: Float64Array) => Math.hypot(...values.subarray(0, 10_000)) / 100;
  const errors = { rmsMean: size(found.mean), rmsStandardError: size(found.standardError) };
  console.log(
    JSON.stringify({ what: 'sampled', activation: name, n: 1000, neurons: found.neurons, seconds, ...errors }),
  );
}
