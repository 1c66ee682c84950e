import { derive, finiteNetwork } from './derive/index.ts';
import { NtkcError } from './errors.ts';
import type { Network } from './ir/arch/index.ts';
import { type Program, positionsOf, type SingleKernel } from './ir/program/index.ts';
import { monteCarlo } from './runtime/empirical/index.ts';
import { sampleRows } from './runtime/empirical/samples.ts';
import type { Inputs } from './runtime/kernel.ts';
import { requirePositionsLeft } from './runtime/masks.ts';

export interface SampledKernelOptions {
  /** Default "ntk". */
  readonly kernel?: SingleKernel;
  /** Of every layer that declares none. Default 256. */
  readonly width?: number;
  /** Random networks, at least 2. Default 100. */
  readonly samples?: number;
  /** Default 0. */
  readonly seed?: number;
  /** For the wntk: one for each layer with parameters. */
  readonly layerWeights?: readonly number[];
  /** After each network. */
  readonly onSample?: (done: number, samples: number) => void;
  readonly signal?: AbortSignal;
}

export interface SampledKernel {
  /** [n1 n2], row-major: the mean over networks of this width, not the limit. */
  readonly mean: Float64Array;
  /** Of each mean. */
  readonly standardError: Float64Array;
}

/** Units that a sampled NTK is averaged over. */
const outputs = 4;

/**
 * A kernel of random finite networks by Monte Carlo, with the standard error of each entry: for networks without a kernel
 * in closed form, such as those with max pooling. Without x2, of x1 with itself.
 * @throws NtkcError where the network has no finite form, or for options that are out of range; the signal's reason
 */
export async function sampledKernel(
  network: Network,
  x1: Inputs,
  x2?: Inputs,
  options: SampledKernelOptions = {},
): Promise<SampledKernel> {
  const { kernel = 'ntk', width = 256, samples = 100, seed = 0, layerWeights, onSample, signal } = options;
  if (!Number.isSafeInteger(width) || width < 1)
    throw new NtkcError({ what: `a width of ${width}`, where: 'width', expected: 'a whole number, at least 1' });
  const size = positionsOf(network.input.shape);
  const masked = network.input.masked ? nngpOf(network) : undefined;
  for (const [name, { data, n, present }] of Object.entries({ x1, ...(x2 && { x2 }) })) {
    if (data.length !== n * size)
      throw new NtkcError({ what: `${name} has ${data.length / n} numbers a sample`, expected: `${size}` });
    if (present !== undefined && masked !== undefined) requirePositionsLeft(present, masked, name);
  }
  const rows = [x1, ...(x2 === undefined ? [] : [x2])].map(sampleRows);
  const n = x1.n + (x2?.n ?? 0);
  const result = await monteCarlo({
    // The NNGP is averaged over all outputs, so it has as many as there are neurons.
    programForWidth: (w) => finiteNetwork(network, { width: w, ...(kernel !== 'nngp' && { outputs }) }),
    width,
    samples,
    seed,
    x: Float64Array.from(rows.flatMap((row) => [...row])),
    n,
    quantities: [kernel],
    ...(layerWeights && { layerWeights }),
    ...(onSample && { onSample }),
    ...(signal && { signal }),
  });
  const { mean, standardError } = result[kernel] as NonNullable<(typeof result)[typeof kernel]>;
  const [from, columns] = x2 === undefined ? [0, n] : [x1.n, x2.n];
  const block = (k: Float64Array) =>
    Float64Array.from({ length: x1.n * columns }, (_, at) => {
      const i = Math.floor(at / columns);
      return k[i * n + from + (at % columns)] as number;
    });
  return { mean: block(mean), standardError: block(standardError) };
}

/** The program that knows which layers lose positions, where the network has one. */
function nngpOf(network: Network): Program | undefined {
  try {
    return derive(network, 'nngp').program;
  } catch (error) {
    if (error instanceof NtkcError) return undefined;
    throw error;
  }
}
