/** Means over sampled neurons, with their standard errors, on all cores. */
import { neuronSource } from '../../codegen/expectation/index.ts';
import type { NeuronSum } from '../../ir/expectation/index.ts';
import { type BatchResult, loadNeurons, type NeuronData } from './neurons.ts';
import { runParts, type ThreadOptions } from './runParts.ts';

export interface SampleOptions extends ThreadOptions {
  /** How many are sampled at least. */
  readonly neurons: number;
  readonly seed: number;
  readonly onProgress?: (neuronsDone: number, neurons: number) => void;
}

/** Of each entry, [n n]. */
export interface SampledMean {
  readonly mean: Float64Array;
  readonly standardError: Float64Array;
  /** How many were sampled. */
  readonly neurons: number;
}

/** The error of a standard error from this many batches is a tenth of it. */
const batchesWanted = 50;
/** Numbers in a tensor of samples, neurons and features. */
const batchEntries = 1_000_000;
/** Entries · neurons above which threads are worth their start. */
const worthThreads = 1e6;

/** Whole blocks of orthogonal neurons where there is room for one. */
function batchSize({ n, inputs: { width } }: NeuronSum, neurons: number): number {
  const size = Math.max(1, Math.min(Math.floor(batchEntries / (n * width)), Math.floor(neurons / batchesWanted)));
  return size > width ? size - (size % width) : size;
}

/** The result depends on the seed and the number of neurons alone. @throws the signal's reason */
export async function sampleNeurons(sum: NeuronSum, options: SampleOptions): Promise<SampledMean> {
  const { n } = sum;
  const { neurons, seed, onProgress } = options;
  const size = batchSize(sum, neurons);
  const parts = Array.from({ length: Math.ceil(neurons / size) }, (_, batch) => batch);
  const data = neuronData(sum, size, seed);
  const mean = new Float64Array(n * n);
  const squares = new Float64Array(n * n);
  const take = ({ matrix }: BatchResult, batch: number) => {
    // Welford's recurrence for the mean and the squares of differences from it.
    for (let k = 0; k < mean.length; k++) {
      const difference = (matrix[k] as number) - (mean[k] as number);
      mean[k] = (mean[k] as number) + difference / (batch + 1);
      squares[k] = (squares[k] as number) + difference * ((matrix[k] as number) - (mean[k] as number));
    }
    onProgress?.((batch + 1) * size, parts.length * size);
  };
  const isLong = n * n * neurons >= worthThreads;
  await runParts({ data, parts, load: () => loadNeurons(data), isLong, take }, options);
  const standardError = squares.map((v) => Math.sqrt(v / (parts.length * (parts.length - 1))));
  return { mean, standardError, neurons: parts.length * size };
}

const neuronData = (sum: NeuronSum, size: number, seed: number): NeuronData => ({
  kind: 'neurons',
  n: sum.n,
  size,
  seed,
  inputs: sum.inputs,
  gradients: sum.gradients,
  weights: sum.weights,
  source: neuronSource(sum, size).text,
});
