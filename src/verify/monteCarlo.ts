/** Finite networks of several widths, and the limits to compare them with. */
import { finiteNetwork } from '../derive/index.ts';
import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import { printProgram, type SingleKernel } from '../ir/program/index.ts';
import type { TensorProgram } from '../ir/tensor/tensorProgram.ts';
import { monteCarlo, sampleRows } from '../runtime/empirical/index.ts';
import { gram } from '../runtime/gram.ts';
import type { CompiledKernel, Inputs } from '../runtime/kernel.ts';
import { affordableWidths, costOf, planSamples } from './plan.ts';
import { type Compiler, compiler, type Setting } from './setting.ts';
import { testKernel, type WidthMoments } from './statistics/kernelTest.ts';
import type { KernelTest } from './types.ts';
import { withWidths } from './widths.ts';

/** Outputs of the finite networks where the last layer's width is free: more of them make the NNGP's mean precise. */
const outputsOf = ({ input }: Network): number => (input.shape.length > 1 ? 64 : 256);

/** Widths by default: narrower ones where a network with positions is dear. */
export function widthsFor(network: Network, vocabulary: Setting['vocabulary'], n: number): readonly number[] {
  const outputs = outputsOf(network);
  return affordableWidths((width) => {
    const [program] = withFallback(
      () => finiteNetwork(withWidths(network, width, vocabulary), { width, outputs, vocabulary }),
      () => finiteNetwork(network, { width, outputs, vocabulary }),
    );
    return program;
  }, n);
}

/** A network at one width: how to sample it, and which limit it has. */
interface Sized {
  readonly width: number;
  readonly program: TensorProgram;
  readonly limits: Compiler;
}

export interface MonteCarloPlan {
  readonly sized: readonly Sized[];
  readonly samples: readonly number[];
  readonly notes: readonly string[];
}

export function planMonteCarlo(
  setting: Setting,
  widths: readonly number[],
  n: number,
  asked: number | readonly number[] | undefined,
): MonteCarloPlan {
  const { network, vocabulary } = setting;
  const at = (net: Network, width: number): Sized => ({
    width,
    program: finiteNetwork(net, { width, outputs: outputsOf(net), vocabulary }),
    limits: compiler({ ...setting, network: net }),
  });
  const [sized, notes] = withFallback(
    () => widths.map((width) => at(withWidths(network, width, vocabulary), width)),
    () => widths.map((width) => at(network, width)),
  );
  const costs = sized.map((s) => costOf(s.program, n));
  return { sized, samples: planSamples(widths, costs, network.input.shape.length > 1, asked), notes };
}

/** Branches that carry the input itself fix a width; then the declared widths are kept. */
function withFallback<T>(widened: () => T, declared: () => T): readonly [T, readonly string[]] {
  try {
    return [widened(), []];
  } catch (error) {
    if (!(error instanceof NtkcError)) throw error;
    return [declared(), ['Inner layers keep their declared widths: other widths do not fit where branches meet.']];
  }
}

/** Draws the networks and judges each kernel; `tests` scores are compared in the whole report. */
export async function runMonteCarlo(
  setting: Setting,
  plan: MonteCarloPlan,
  x: Inputs,
  rule: { readonly falseAlarm: number; readonly tests: number },
): Promise<readonly KernelTest[]> {
  const { kernels } = setting;
  if (kernels.length === 0) return [];
  const limitOf = rememberedLimits(x);
  const perWidth: Map<SingleKernel, WidthMoments>[] = [];
  for (const [k, sized] of plan.sized.entries())
    perWidth.push(await atWidth({ ...setting, limitOf }, sized, plan.samples[k]!, x));
  return kernels.map((kernel) =>
    testKernel(
      kernel,
      x.n,
      perWidth.map((moments) => moments.get(kernel)!),
      rule,
    ),
  );
}

type LimitOf = (kernel: CompiledKernel) => Promise<Float64Array>;

/** Gram matrices [n n] of x, once for a program: mostly the limit is the same at every width. */
function rememberedLimits(x: Inputs): LimitOf {
  const known = new Map<string, Promise<Float64Array>>();
  return (kernel) => {
    const key = printProgram(kernel.program);
    const made = known.get(key) ?? gram(kernel, x);
    known.set(key, made);
    return made;
  };
}

async function atWidth(
  setting: Setting & { readonly limitOf: LimitOf },
  { width, program, limits }: Sized,
  samples: number,
  x: Inputs,
): Promise<Map<SingleKernel, WidthMoments>> {
  const { kernels, layerWeights, seed, limitOf, onProgress, signal } = setting;
  const stage = `networks of width ${width}`;
  const result = await monteCarlo({
    programForWidth: () => program,
    width,
    samples,
    seed,
    x: sampleRows(x),
    n: x.n,
    quantities: kernels,
    outputs: [0],
    ...(kernels.includes('wntk') && { layerWeights }),
    ...(onProgress && { onSample: (done: number, total: number) => onProgress({ stage, done, total }) }),
    ...(signal && { signal }),
  });
  const moments = new Map<SingleKernel, WidthMoments>();
  for (const kernel of kernels) {
    const limit = await limitOf(await limits(kernel));
    const { mean, standardError } = result[kernel]!;
    moments.set(kernel, { width, samples, limit, mean, standardError });
  }
  return moments;
}
