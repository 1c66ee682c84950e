/**
 * Digits from a few images: NTKs of a fully connected and of a convolutional network on MNIST, kernel ridge regression,
 * accuracy on 1000 test images.
 *
 *     node examples/mnist.ts              # 2000 training images
 *     node examples/mnist.ts 500          # fewer
 *     node examples/mnist.ts 500 pooled   # and a pooled convolutional network, at 14 x 14
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  avgPool,
  compile,
  conv,
  dense,
  fit,
  flatten,
  globalAvgPool,
  gram,
  type ImageSet,
  type LayerInput,
  network,
  parseIdxImages,
  parseIdxLabels,
  predict,
  relu,
} from '../src/index.ts';

const he = { wStd: Math.SQRT2, bStd: 0.1 };
const times = (n: number, layers: readonly LayerInput[]) => Array.from({ length: n }, () => layers).flat();

const read = (name: string) =>
  new Uint8Array(gunzipSync(readFileSync(new URL(`data/mnist/${name}.gz`, import.meta.url))));

interface Digits extends ImageSet {
  readonly labels: readonly string[];
}

function digits(name: string, n: number): Digits {
  const all = parseIdxImages(read(`${name}-images-idx3-ubyte`));
  const [height, width] = all.shape;
  return {
    ...all,
    n,
    images: all.images.subarray(0, n * height * width),
    labels: parseIdxLabels(read(`${name}-labels-idx1-ubyte`)).slice(0, n),
  };
}

/** Accuracy in percent, and the seconds that both Gram matrices took. */
async function run(train: Digits, test: Digits, shape: readonly number[], layers: readonly LayerInput[]) {
  const kernel = await compile(network({ input: { shape }, layers }), { kernel: 'ntk' });
  let seconds = 0;
  const timed = async (x1: Float64Array, n1: number, x2: Float64Array | undefined, n2: number) => {
    const began = performance.now();
    const onProgress = (done: number, all: number) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${Math.round((100 * done) / all)} %   `);
    };
    const k = await gram(kernel, { data: x1, n: n1 }, x2 && { data: x2, n: n2 }, { onProgress });
    seconds += (performance.now() - began) / 1000;
    return k;
  };
  const d = train.images.length / train.n;
  const data = { x: train.images, n: train.n, d, answers: { task: 'classification', labels: train.labels } as const };
  const options = { kernel: timed, ridge: { kind: 'relative', value: 1e-4 }, standardise: false } as const;
  const prediction = await predict(await fit(data, options), test.images, test.n, timed);
  if (prediction.task !== 'classification') throw new Error('labels make a classification');
  const right = prediction.labels.filter((label, i) => label === test.labels[i]).length;
  if (process.stderr.isTTY) process.stderr.write('\r');
  return { accuracy: (100 * right) / test.n, seconds };
}

/** Networks by name: pixels as features, or as an image. */
const networks = {
  'NTK, 3 dense layers': { shape: [784], layers: [...times(2, [dense(he), relu()]), dense(he)] },
  'CNTK, 5 convolutions, flatten': {
    shape: [28, 28, 1],
    layers: [...times(5, [conv({ kernel: [3, 3], ...he }), relu()]), flatten(), dense(he)],
  },
} as const;
const pooled = {
  'CNTK, 5 convolutions at 14 x 14, pooled': {
    shape: [28, 28, 1],
    layers: [
      avgPool({ window: [2, 2] }),
      ...times(5, [conv({ kernel: [3, 3], ...he }), relu()]),
      globalAvgPool(),
      dense(he),
    ],
  },
} as const;

export async function printMnist(trainCount: number, withPooled: boolean, testCount = 1000): Promise<void> {
  const [train, test] = [digits('train-2000', trainCount), digits('test-1000', testCount)];
  console.log(`${train.n} training images, ${test.n} test images, ridge 1e-4 of the mean eigenvalue`);
  for (const [name, { shape, layers }] of Object.entries({ ...networks, ...(withPooled && pooled) })) {
    const { accuracy, seconds } = await run(train, test, shape, layers);
    console.log(`${name.padEnd(42)} ${accuracy.toFixed(1)} % right   ${seconds.toFixed(1)} s for both Gram matrices`);
  }
}

if (import.meta.main) {
  const [count = '2000', pool] = process.argv.slice(2);
  await printMnist(Number(count), pool === 'pooled');
}
