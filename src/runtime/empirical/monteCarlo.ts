/**
 * Kernels of random finite networks: means over independent initialisations, always with their standard errors.
 *
 * Two exact reductions of variance are at hand, both choices of the caller. The NNGP is averaged over all output
 * units, so a program whose last layer is wide gives many nearly independent looks at each network for one matrix
 * product. The NTK is averaged over the output units in `outputs`. Samples stay independent of each other either way,
 * and the standard errors come from samples alone, so they remain valid.
 */
import { NtkcError } from '../../errors.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { forward } from './forward.ts';
import { type NtkOptions, nngpOf, ntkOf, sameSides, weightedNtk } from './kernels.ts';
import { accumulateMoments, type Moments, type MomentsAccumulator } from './moments.ts';
import { initialise } from './parameters.ts';
import { subStream } from './random.ts';

export type Quantity = 'nngp' | 'ntk' | 'wntk' | 'layers';

export interface MonteCarloOptions extends NtkOptions {
  readonly programForWidth: (width: number) => TensorProgram;
  readonly width: number;
  /** Number of independent networks, at least 2. */
  readonly samples: number;
  readonly seed: number;
  /** x[n d], row-major, d all numbers of an input. */
  readonly x: Float64Array;
  readonly n: number;
  readonly quantities: readonly Quantity[];
  /** One for each parametrised op; needed for 'wntk'. */
  readonly layerWeights?: readonly number[];
  /** After each network: how many are done, of how many. */
  readonly onSample?: (done: number, samples: number) => void;
  /** Aborting rejects with the signal's reason, before the next network. */
  readonly signal?: AbortSignal;
}

/** Each asked-for quantity: moments of [n, n] matrices; `layers` holds one for each parametrised op. */
export interface MonteCarloResult {
  readonly samples: number;
  readonly nngp?: Moments;
  readonly ntk?: Moments;
  readonly wntk?: Moments;
  readonly layers?: readonly Moments[];
}

/**
 * Draws `samples` networks, network s from the stream (seed, width, s): widths are independent of each other too.
 * Yields to the event loop about sixty times a second, so that a progress bar can draw and Ctrl-C arrives.
 * @throws NtkcError for fewer than 2 samples, layer weights that are missing or do not fit, values that are not finite.
 */
export async function monteCarlo(options: MonteCarloOptions): Promise<MonteCarloResult> {
  const { width, samples, seed, onSample, signal } = options;
  const program = options.programForWidth(width);
  checkOptions(options, program.ops);
  const accumulators = new Map<Quantity, readonly MomentsAccumulator[]>();
  let lastYield = performance.now();
  for (let sample = 0; sample < samples; sample++) {
    signal?.throwIfAborted();
    for (const [quantity, matrices] of sampleKernels(program, [seed, width, sample], options)) {
      const known = accumulators.get(quantity) ?? matrices.map(({ length }) => accumulateMoments(length));
      accumulators.set(quantity, known);
      for (const [k, matrix] of matrices.entries()) known[k]!.add(matrix);
    }
    onSample?.(sample + 1, samples);
    if (performance.now() - lastYield > 16) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastYield = performance.now();
    }
  }
  signal?.throwIfAborted();
  return collect(accumulators, samples);
}

/** Part of a network's stream, beside the numbers of its layers. */
const masks = -1;

/** The kernels of one network: one matrix [n, n] for each quantity, and for 'layers' one for each layer. */
function sampleKernels(
  program: TensorProgram,
  seed: readonly number[],
  { x, n, quantities, layerWeights = [], ...ntkOptions }: MonteCarloOptions,
): ReadonlyMap<Quantity, readonly Float64Array[]> {
  const wants = (quantity: Quantity) => quantities.includes(quantity);
  const parameters = initialise(program, seed);
  const activations = forward(program, parameters, x, n, subStream(seed, masks));
  const kernels = new Map<Quantity, readonly Float64Array[]>();
  if (wants('nngp')) kernels.set('nngp', [nngpOf(program, activations, sameSides(n))]);
  if (!wants('ntk') && !wants('wntk') && !wants('layers')) return kernels;
  const { ntk, layers } = ntkOf(program, parameters, activations, sameSides(n), ntkOptions);
  if (wants('ntk')) kernels.set('ntk', [ntk]);
  if (wants('wntk')) kernels.set('wntk', [weightedNtk(layers, layerWeights)]);
  if (wants('layers')) kernels.set('layers', layers);
  return kernels;
}

function collect(
  accumulators: ReadonlyMap<Quantity, readonly MomentsAccumulator[]>,
  samples: number,
): MonteCarloResult {
  const moments = (quantity: Quantity) => accumulators.get(quantity)?.map((accumulator) => accumulator.result());
  const [nngp] = moments('nngp') ?? [];
  const [ntk] = moments('ntk') ?? [];
  const [wntk] = moments('wntk') ?? [];
  const layers = moments('layers');
  return { samples, ...(nngp && { nngp }), ...(ntk && { ntk }), ...(wntk && { wntk }), ...(layers && { layers }) };
}

function checkOptions({ samples, quantities, layerWeights }: MonteCarloOptions, layers: number): void {
  if (!Number.isInteger(samples) || samples < 2) {
    throw new NtkcError({
      what: `${samples} samples give no standard error`,
      expected: 'an integer >= 2',
      next: 'Ask for more samples.',
    });
  }
  if (!quantities.includes('wntk')) return;
  if (layerWeights === undefined || layerWeights.length !== layers || !layerWeights.every(Number.isFinite)) {
    throw new NtkcError({
      what: 'the weighted NTK lacks its layer weights',
      where: 'layerWeights',
      expected: `${layers} finite numbers, one for each layer with parameters`,
    });
  }
}
