/** One network, trained and predicted: the errors of every approximation at every time. */
import { sampleSize } from '../../ir/tensor/tensorProgram.ts';
import {
  finiteTimeKernel,
  gradientFlow,
  type HierarchyStart,
  hierarchyStart,
  type Training,
  type Trajectory,
  truncatedHierarchy,
} from '../../runtime/dynamics/index.ts';
import { hierarchyAt } from '../../runtime/empirical/hierarchy/index.ts';

interface Method {
  readonly name: string;
  /** The lowest order of kernel whose part is missing in the kernel, and in the outputs. */
  readonly kernelMisses: number;
  readonly outputsMiss: number;
  readonly run: (start: HierarchyStart, times: readonly number[]) => Trajectory;
}

const truncation = (order: number) => (start: HierarchyStart, times: readonly number[]) =>
  truncatedHierarchy(start, times, { order });

/** K̂_t moves the kernel by K_3 and K_4 along the residuals of the frozen kernel, so its outputs miss K_3 already. */
export const methods: readonly Method[] = [
  { name: 'K₂ frozen', kernelMisses: 3, outputsMiss: 3, run: truncation(2) },
  { name: 'K₃ frozen', kernelMisses: 4, outputsMiss: 4, run: truncation(3) },
  { name: 'K₄ frozen', kernelMisses: 5, outputsMiss: 5, run: truncation(4) },
  { name: 'K̂, eq. (4)', kernelMisses: 5, outputsMiss: 3, run: finiteTimeKernel },
];

/** Orders whose sizes are measured. */
export const sizedOrders = [3, 4, 5] as const;

/** K5 costs 24 trees a tuple: its size is taken over tuples of this many training points. */
const POINTS_FOR_SIZES = 2;

export interface Measured {
  /** [method][time] */
  readonly kernel: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  /** One for each of `sizedOrders`. */
  readonly sizes: readonly number[];
  readonly forcedShare: number;
}

/** @param leastStep for kinked activations, else 0. */
export function measure(training: Training, times: readonly number[], leastStep: number, centred: boolean): Measured {
  const raw = hierarchyStart(training, 4);
  const y = centred ? training.y.map((target, i) => target + raw.f[i]!) : training.y;
  const start = { ...raw, y };
  const flow = gradientFlow({ ...training, y }, times, { leastStep });
  const kernelSize = largest(raw.kernels[0]!);
  const residual = y.map((target, i) => target - raw.f[i]!);
  const runs = methods.map(({ run }) => run(start, times));
  const errors = (which: 'f' | 'kernel', size: number) =>
    runs.map((run) => flow[which].map((values, k) => largest(values.map((v, e) => v - run[which][k]![e]!)) / size));
  return {
    kernel: errors('kernel', kernelSize),
    outputs: errors('f', largest(residual)),
    sizes: sizesOf(training, kernelSize),
    forcedShare: flow.steps === 0 ? 0 : flow.forced / flow.steps,
  };
}

function sizesOf({ program, parameters, x, y }: Training, unit: number): readonly number[] {
  const few = Math.min(y.length, POINTS_FOR_SIZES);
  const points = Array.from({ length: few }, (_, i) => i);
  const size = sampleSize(program);
  const tuplesOf = (order: number): readonly (readonly number[])[] =>
    order === 0 ? [[]] : tuplesOf(order - 1).flatMap((tuple) => points.map((i) => [...tuple, i]));
  return sizedOrders.map(
    (order) => largest(hierarchyAt(program, parameters, x.subarray(0, few * size), few, tuplesOf(order))) / unit,
  );
}

const largest = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
