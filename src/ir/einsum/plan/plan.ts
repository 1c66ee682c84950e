/** From a sum of tensor networks to a straight line of pairwise contractions. */
import { canonicalNames } from '../canonical.ts';
import { PARAMETER } from '../factor.ts';
import { PlanBuilder, type WeightedTree } from './builder.ts';
import { sizeOfAxes, type TensorNetwork, type TensorSpace, type TensorUse } from './network.ts';
import { renumbered, sliced } from './slice.ts';
import { BLOCK, inputsOf, type PlanStep, stepFlops } from './steps.ts';
import { contractionTree, type PlannedTree } from './tree.ts';

export interface ContractionPlan {
  readonly space: TensorSpace;
  /** Each reads earlier ones; all of them lead to the result. */
  readonly steps: readonly PlanStep[];
  /** The step that is the result, its axes in the order asked for. */
  readonly result: number;
  /** Additions and multiplications. */
  readonly flops: number;
  /** Most bytes that steps hold at one time in float64, without given tensors and copies with other orders of axes. */
  readonly peakBytes: number;
}

export interface PlanOptions {
  readonly space: TensorSpace;
  /** Axes of the result: indices < 0, in every network. */
  readonly output: readonly number[];
  /** Names of the axes of the result. */
  readonly outputAxes: readonly string[];
  /** Where a plan would hold more at one time, large tensors are made in blocks as far as that can be. Default 1 GiB. */
  readonly limitBytes?: number;
}

/**
 * Σ networks as pairwise steps: the order of each network by dynamic programming over its flops, parts that are equal
 * but for names made once, networks that end in the same tensor summed before they meet it. A sum that is symmetric in
 * its two output indices is made by half: A + Aᵀ.
 */
export function planContraction(networks: readonly TensorNetwork[], options: PlanOptions): ContractionPlan {
  const { space, output, outputAxes, limitBytes = 2 ** 30 } = options;
  const builder = new PlanBuilder(space);
  const late = output.length === 2 ? { late: output[1]! } : {};
  const tree = (network: TensorNetwork): PlannedTree => contractionTree(network, { space, output, ...late });
  const half = output.length === 2 && outputAxes[0] === outputAxes[1] ? halved(networks, output, tree) : undefined;
  const trees = half ?? networks.map((network) => ({ coefficient: network.coefficient, tree: tree(network).tree }));
  const result =
    trees.length === 0
      ? builder.zeros(outputAxes)
      : builder.finished(builder.sum(trees, output), output, half && output.toReversed());
  const whole = pruned(builder.steps, result, space);
  return whole.peakBytes <= limitBytes ? whole : inBlocks(whole, limitBytes);
}

/** Parts of the limit that tensors may have before they are cut: cutting costs, where several steps read what is cut. */
const partsOfLimit = [4, 16, 64];

/** The first plan within the limit, or the one that holds least. */
function inBlocks(whole: ContractionPlan, limitBytes: number): ContractionPlan {
  let least = whole;
  for (const parts of partsOfLimit) {
    const plan = pruned(sliced(whole.steps, whole.space, limitBytes / parts), whole.result, whole.space);
    if (plan.peakBytes < least.peakBytes) least = plan;
    if (least.peakBytes <= limitBytes) break;
  }
  return least;
}

/** One of each pair of networks that are each other's mirror image, by half; nothing where the sum is not symmetric. */
function halved(
  networks: readonly TensorNetwork[],
  output: readonly number[],
  planned: (network: TensorNetwork) => PlannedTree,
): readonly WeightedTree[] | undefined {
  const swap = new Map([
    [output[0]!, output[1]!],
    [output[1]!, output[0]!],
  ]);
  const mirror = ({ coefficient, uses }: TensorNetwork): TensorNetwork => ({
    coefficient,
    uses: uses.map(({ tensor, indices }) => ({ tensor, indices: indices.map((index) => swap.get(index) ?? index) })),
  });
  const coefficients = new Map<string, number>();
  for (const network of networks) {
    const key = keyOf(network);
    coefficients.set(key, (coefficients.get(key) ?? 0) + network.coefficient);
  }
  const mirrored = networks.map((network) => ({ network, image: mirror(network) }));
  const isSymmetric = mirrored.every(({ network, image }) =>
    nearlyEqual(coefficients.get(keyOf(image)), coefficients.get(keyOf(network))),
  );
  if (!isSymmetric) return undefined;
  const chosen = new Map<string, WeightedTree>();
  for (const { network, image } of mirrored) {
    const [key, imageKey] = [keyOf(network), keyOf(image)];
    const [own, other] = [planned(network), planned(image)];
    const isOwn = own.cost === other.cost ? key <= imageKey : own.cost < other.cost;
    const name = isOwn ? key : imageKey;
    const coefficient = (chosen.get(name)?.coefficient ?? 0) + network.coefficient / 2;
    chosen.set(name, { coefficient, tree: (isOwn ? own : other).tree });
  }
  return [...chosen.values()];
}

const nearlyEqual = (a: number | undefined, b: number | undefined): boolean =>
  a !== undefined && b !== undefined && Math.abs(a - b) <= 1e-12 * Math.abs(b);

const keyOf = ({ uses }: { readonly uses: readonly TensorUse[] }): string =>
  canonicalNames(uses.map(({ tensor, indices }) => ({ tensor, derivative: 0, sample: PARAMETER, indices }))).key;

/** The steps that the result needs, in an order that frees tensors early. */
function pruned(steps: readonly PlanStep[], result: number, space: TensorSpace): ContractionPlan {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (at: number) => {
    if (seen.has(at)) return;
    seen.add(at);
    for (const input of inputsOf(steps[at]!).toSorted((a, b) => sizeOf(b) - sizeOf(a))) visit(input);
    order.push(at);
  };
  const sizeOf = (at: number) => sizeOfAxes(steps[at]!.axes, space);
  visit(result);
  const place = new Map(order.map((old, at) => [old, at]));
  const kept = order.map((old) => renumbered(steps[old]!, (at) => place.get(at)!));
  return {
    space,
    steps: kept,
    result: kept.length - 1,
    ...planCost(kept, space),
  };
}

/** What steps cost where axes have the sizes of a space: a plan holds for any. */
export const planCost = (
  steps: readonly PlanStep[],
  space: TensorSpace,
): Pick<ContractionPlan, 'flops' | 'peakBytes'> => ({
  flops: steps.reduce((sum, step) => sum + stepFlops(step, steps, space), 0),
  peakBytes: peakBytes(steps, space),
});

/** The last step that reads each step. */
function lastUses(steps: readonly PlanStep[]): readonly number[] {
  const last = steps.map((_, at) => at);
  steps.forEach((step, at) => {
    for (const input of inputsOf(step)) last[input] = at;
  });
  return last;
}

function peakBytes(steps: readonly PlanStep[], space: TensorSpace): number {
  const last = lastUses(steps);
  const bytesOf = (step: PlanStep) => (step.kind === 'tensor' ? 0 : 8 * sizeOfAxes(step.axes, space));
  let [now, peak] = [0, 0];
  steps.forEach((step, at) => {
    now += bytesOf(step);
    peak = Math.max(peak, now + insideBytes(step, space));
    for (const input of new Set(inputsOf(step))) if (last[input] === at) now -= bytesOf(steps[input]!);
  });
  return peak;
}

/** Blocks of a sliced step: its cut inputs and what its body holds. */
function insideBytes(step: PlanStep, space: TensorSpace): number {
  if (step.kind !== 'sliced') return 0;
  const block = { ...space, sizes: { ...space.sizes, [BLOCK]: Math.min(step.block, space.sizes[step.axis]!) } };
  const isWhole = (k: number) => k < step.inputs.length && step.inputs[k]!.cut === undefined;
  return step.body.reduce((sum, inner, k) => sum + (isWhole(k) ? 0 : 8 * sizeOfAxes(inner.axes, block)), 0);
}
