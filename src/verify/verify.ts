import { derive as standardDerive } from '../derive/index.ts';
import { NtkcError } from '../errors.ts';
import { inferShapes, type Layer, type Network, shapeText } from '../ir/arch/index.ts';
import { positionsOf, singleKernels } from '../ir/program/index.ts';
import { vocabulary as standardVocabulary } from '../ops/vocabulary.ts';
import type { Inputs } from '../runtime/kernel.ts';
import { activationsOf } from './activations.ts';
import { curvesOf } from './curves.ts';
import { affordableDynamics } from './dynamics/index.ts';
import { planHierarchy } from './hierarchy/index.ts';
import { defaultInputs, type Given, givenOf, type Rows, toInputs, withGiven, withHardCases } from './inputs.ts';
import { fewOf } from './laws/grams.ts';
import { runLaws } from './laws/index.ts';
import { checkTargets, runsOnReference } from './laws/targets.ts';
import { planMonteCarlo, runMonteCarlo, widthsFor } from './monteCarlo.ts';
import { checkedWidths } from './plan.ts';
import { compiler, type Setting } from './setting.ts';
import {
  type HierarchyKernel,
  hierarchyKernels,
  type VerifiedKernel,
  type VerifyOptions,
  type VerifyReport,
  verifiedKernels,
} from './types.ts';
import { withWidths } from './widths.ts';

/**
 * Tests the derived kernels of a network: laws that every right kernel obeys, and Monte Carlo over finite networks of
 * several widths, extrapolated to infinite width. K3 and K4 are compared by three routes on a small finite network, and
 * the expectation of K4 with sampled ones. The verdict rejects a right derivation with probability at most `falseAlarm`;
 * the report says how small an error it would have seen.
 *
 * @throws NtkcError for options that do not fit, or a network without these kernels or without a finite form
 */
export async function verify(network: Network, options: VerifyOptions = {}): Promise<VerifyReport> {
  const n = options.inputs?.length ?? defaultInputs(1, 0).length;
  const widths = checkedWidths(options.widths ?? widthsFor(network, options.vocabulary ?? standardVocabulary, n));
  const falseAlarm = checkedProbability(options.falseAlarm ?? 1e-3);
  const { setting, higher, notes } = settingOf(network, widths, options);
  const { program } = await compiler(setting)('nngp');
  const given = givenOf(program);
  const rows = options.inputs ?? withGiven(defaultInputs(features(network), setting.seed), given, setting.seed);
  const x = toInputs(rows, features(network), given);
  await checkTargets(setting.targets, program);
  const plan = planMonteCarlo(setting, widths, x.n, options.samples);

  const clock = stopwatch();
  const generic = options.inputs === undefined && network.input.shape.length > 1 ? rows.slice(0, 2) : rows;
  const { laws, activations } = await lawsOf(setting, generic, x, given);
  const lawsSeconds = clock();
  const { scores, run } = planHierarchy(setting, higher, rows, options.routes);
  const tests = (setting.kernels.length * x.n * (x.n + 1)) / 2 + scores;
  const hierarchy = await run({ falseAlarm, tests });
  const hierarchySeconds = clock();
  const monteCarlo = await runMonteCarlo(setting, plan, x, { falseAlarm, tests });
  const monteCarloSeconds = clock();
  const dynamics = options.dynamics === true ? await affordableDynamics(network, rows, setting) : undefined;
  return {
    ntkcVerify: 1,
    network: network.name,
    layers: describeLayers(network, setting),
    passed: laws.every((l) => l.passed) && [...monteCarlo, ...hierarchy].every((k) => k.verdict !== 'disagrees'),
    kernels: [...setting.kernels, ...higher],
    seed: setting.seed,
    falseAlarm,
    inputs: rows,
    layerWeights: setting.layerWeights,
    laws,
    monteCarlo,
    hierarchy,
    ...(dynamics !== undefined && { dynamics }),
    activations: activations.map(curvesOf),
    notes: [...notes, ...plan.notes, ...fallbackNotes(setting)],
    seconds: { laws: lawsSeconds, hierarchy: hierarchySeconds, monteCarlo: monteCarloSeconds, dynamics: clock() },
  };
}

/** Kernels that another target computes by the reference: a comparison would say nothing. */
function fallbackNotes({ network, kernels, targets, derive, vocabulary }: Setting): readonly string[] {
  return targets.flatMap((target) => {
    const same = kernels.filter((k) => runsOnReference(derive(network, k, { vocabulary }).program, target));
    if (target === 'reference' || same.length === 0) return [];
    return [
      `On ${target}, ${same.join(', ')} of this network is computed by the reference: there is nothing to compare.`,
    ];
  });
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let started = performance.now();
  return () => {
    const before = started;
    started = performance.now();
    return (started - before) / 1000;
  };
}

/**
 * Laws of the kernels that are one matrix; none where none of these is asked for. They look at all pairs of the given rows
 * and of the hard cases made of them, so two rows do where pairs of inputs with positions are dear.
 */
async function lawsOf(setting: Setting, rows: Rows, x: Inputs, given: Given) {
  if (setting.kernels.length === 0) return { laws: [], activations: [] };
  const { network } = setting;
  const perSample = x.data.length / x.n;
  const hard = toInputs(withHardCases(rows, perSample), perSample, given);
  const activations = await activationsOf(setting, x);
  const few = fewOf(hard, network.input.shape.length > 1);
  return { laws: await runLaws({ ...setting, compile: compiler(setting), x: hard, few, activations }), activations };
}

const features = (network: Network): number => positionsOf(network.input.shape);

function checkedProbability(falseAlarm: number): number {
  if (falseAlarm > 0 && falseAlarm < 1) return falseAlarm;
  throw new NtkcError({ what: `falseAlarm is ${falseAlarm}`, expected: 'a probability between 0 and 1' });
}

/** Fills in what was left open. The laws run on the network as declared where its kernels have a limit as declared. */
function settingOf(
  network: Network,
  widths: readonly number[],
  options: VerifyOptions,
): { readonly setting: Setting; readonly higher: readonly HierarchyKernel[]; readonly notes: readonly string[] } {
  const { vocabulary = standardVocabulary, derive = standardDerive, seed = 0, targets = ['wasm'] } = options;
  const widened = withWidths(network, widths.at(-1)!, vocabulary);
  const parameters = derive(widened, 'nngp', { vocabulary }).steps.filter((s) => s.layer !== undefined).length;
  const asked = checkedKernels(options.kernels, parameters);
  const kernels = singleKernels.filter((k) => asked.includes(k));
  const higher = hierarchyKernels.filter((k) => asked.includes(k));
  if (kernels.length === 0) requireNoSampling(options);
  const layerWeights = checkedWeights(options.layerWeights ?? differentWeights(parameters), parameters);
  const setting = {
    network,
    kernels,
    layerWeights,
    targets,
    seed,
    vocabulary,
    derive,
    ...(options.onProgress && { onProgress: options.onProgress }),
    ...(options.signal && { signal: options.signal }),
  };
  try {
    for (const kernel of kernels) derive(network, kernel, { vocabulary });
    return { setting, higher, notes: [] };
  } catch (error) {
    if (!(error instanceof NtkcError)) throw error;
    const note = `The laws are checked with inner layers of width ${widths.at(-1)}: without widths the NTK has no limit (standard parameterization).`;
    return { setting: { ...setting, network: widened }, higher, notes: [note] };
  }
}

function checkedKernels(asked: VerifyOptions['kernels'], parameters: number): readonly VerifiedKernel[] {
  if (asked === undefined) return parameters === 0 ? ['nngp'] : verifiedKernels;
  const unknown = asked.find((k) => !verifiedKernels.includes(k));
  if (unknown !== undefined || asked.length === 0)
    throw new NtkcError({
      what: `kernels ${JSON.stringify(asked)}`,
      expected: `some of ${verifiedKernels.join(', ')}`,
    });
  return verifiedKernels.filter((k) => asked.includes(k));
}

/** Options of the kernels that are one matrix say nothing about K3 and K4. */
function requireNoSampling({ widths, samples, layerWeights, targets }: VerifyOptions): void {
  const given = Object.entries({ widths, samples, layerWeights, targets }).filter(([, value]) => value !== undefined);
  if (given.length > 0)
    throw new NtkcError({
      what: `${given.map(([name]) => name).join(', ')} does not apply to ${hierarchyKernels.join(', ')}`,
      expected: `${singleKernels.join(', ')} among the kernels`,
    });
}

/** 0.5, 1.3, 2.1, 0.7, ...: neighbours far apart, none equal, so that weights of the wrong layers show. */
const differentWeights = (count: number): readonly number[] =>
  Array.from({ length: count }, (_, l) => Number((0.5 + 0.8 * (l % 3) + 0.2 * Math.floor(l / 3)).toFixed(12)));

function checkedWeights(weights: readonly number[], count: number): readonly number[] {
  if (weights.length === count && weights.every(Number.isFinite)) return weights;
  throw new NtkcError({
    what: `layer weights ${JSON.stringify(weights)}`,
    expected: `${count} finite numbers, one for each layer with parameters`,
  });
}

function describeLayers(network: Network, { vocabulary }: Setting): readonly string[] {
  const fieldsOf = ({ op: _, branches: __, layers: ___, ...fields }: Layer) =>
    Object.entries(fields)
      .map(([name, value]) => `${name} ${typeof value === 'number' ? Number(value.toPrecision(6)) : value}`)
      .join(', ');
  return inferShapes(network, vocabulary).map(({ layer, depth, output }) =>
    `${'  '.repeat(depth)}${layer.op} ${fieldsOf(layer)} -> ${shapeText(output)}`.replace(/ +->/, ' ->'),
  );
}
