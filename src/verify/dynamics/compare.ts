/** Real training of finite networks against what the hierarchy predicts, over widths and times. */
import { finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import type { Layer, Network } from '../../ir/arch/index.ts';
import { sampleSize, type TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { kinksOf } from '../../ops/kinks.ts';
import { vocabulary as standardVocabulary } from '../../ops/vocabulary.ts';
import { initialise } from '../../runtime/empirical/index.ts';
import { type Rows, toInputs } from '../inputs.ts';
import { checkedWidths } from '../plan.ts';
import { withWidths } from '../widths.ts';
import { sizeClaim } from './claims.ts';
import { decayOf } from './decay.ts';
import { type Measured, measure, methods, sizedOrders } from './measure.ts';
import type { DynamicsOptions, DynamicsReport } from './types.ts';

/** With kinks the flow may slide along one, where only a least step gets on: this share of the whole time. */
const LEAST_STEP_SHARE = 4e-3;

const LEAST_WIDTH = 4;

/**
 * Trains `networks` networks of each width by gradient flow on L = 1/(2n) Σ (f(x_i) − y_i)², and compares outputs and
 * empirical NTK with the frozen kernel, with the hierarchy cut at K_3 and K_4, and with the closed form K̂_t.
 * @param x training inputs; @param y one target each.
 * @throws NtkcError for data that do not fit, fewer than two widths or networks, a network in standard
 * parameterization, one without a finite form at these widths, and a training that cannot be integrated.
 * @eq lantk Theorem 2.1 and Lemma A.3
 */
export async function compareDynamics(
  network: Network,
  x: Rows,
  y: readonly number[],
  options: DynamicsOptions = {},
): Promise<DynamicsReport> {
  const { times = [0.25, 0.5, 1, 2, 4, 8], networks = 12, seed = 0, centred = true, watched = [] } = options;
  const { vocabulary = standardVocabulary, onProgress, signal } = options;
  const widths = checkedWidths(options.widths ?? [32, 64, 128, 256]);
  requireComparable(network, widths, y, times, networks);
  const programs = widths.map((width) =>
    finiteNetwork(withWidths(network, width, vocabulary), { width, outputs: 1, vocabulary }),
  );
  const size = sampleSize(programs[0]!);
  const data = { x: toInputs(x, size).data, y: Float64Array.from(y) };
  const test = watched.length === 0 ? {} : { test: toInputs(watched, size).data };
  const smooth = programs.every(isSmooth);
  const leastStep = smooth ? 0 : LEAST_STEP_SHARE * times.at(-1)!;
  const runs: Measured[][] = [];
  for (const [k, program] of programs.entries()) {
    const runsHere: Measured[] = [];
    for (let sample = 0; sample < networks; sample++) {
      signal?.throwIfAborted();
      const training = { program, parameters: initialise(program, [seed, widths[k]!, sample]), ...data, ...test };
      runsHere.push(measure(training, times, leastStep, centred));
      onProgress?.({ stage: `training networks of width ${widths[k]}`, done: sample + 1, total: networks });
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    runs.push(runsHere);
  }
  const points = x.length + watched.length;
  return {
    network: network.name,
    ...{ widths, times, networks, seed, centred, n: x.length, points, smooth },
    ...summary(widths, times, runs, smooth),
  };
}

function summary(
  widths: readonly number[],
  times: readonly number[],
  runs: readonly (readonly Measured[])[],
  smooth: boolean,
): Pick<DynamicsReport, 'approximations' | 'sizes' | 'forcedShare'> {
  const decay = (missing: number, pick: (run: Measured) => number) =>
    decayOf(
      widths,
      runs.map((list) => list.map(pick)),
      sizeClaim(missing),
      smooth,
    );
  return {
    approximations: methods.map(({ name, kernelMisses, outputsMiss }, m) => ({
      name,
      kernel: times.map((_, t) => decay(kernelMisses, (run) => run.kernel[m]![t]!)),
      outputs: times.map((_, t) => decay(outputsMiss, (run) => run.outputs[m]![t]!)),
    })),
    sizes: sizedOrders.map((order, k) => ({ order, decay: decay(order, (run) => run.sizes[k]!) })),
    forcedShare: Math.max(...runs.flat().map((run) => run.forcedShare)),
  };
}

export const isSmooth = ({ nodes }: TensorProgram): boolean =>
  nodes.every((node) => node.kind !== 'elementwise' || kinksOf(node.phi).length === 0);

function requireComparable(
  network: Network,
  widths: readonly number[],
  y: readonly number[],
  times: readonly number[],
  networks: number,
): void {
  if (widths[0]! < LEAST_WIDTH)
    throw new NtkcError({
      what: `width ${widths[0]}`,
      where: 'widths',
      expected: `at least ${LEAST_WIDTH}: rates are of wide networks`,
    });
  if (times.length === 0 || times.some((t) => !(t > 0)))
    throw new NtkcError({
      what: `times [${times.join(', ')}]`,
      where: 'times',
      expected: 'at least one, all positive',
    });
  if (!Number.isInteger(networks) || networks < 2)
    throw new NtkcError({ what: `${networks} networks at each width`, expected: 'a whole number >= 2' });
  if (y.every((target) => target === 0))
    throw new NtkcError({ what: 'all targets are zero', where: 'y', expected: 'something to learn' });
  if (network.layers.some(isStandard))
    throw new NtkcError({
      what: 'in standard parameterization the kernel, and with it the speed of training, grows with the width',
      expected: 'parameterization "ntk" in every layer',
    });
}

const isStandard = ({ parameterization, layers = [], branches = [] }: Layer): boolean =>
  parameterization === 'standard' || [...layers, ...branches.flat()].some(isStandard);
