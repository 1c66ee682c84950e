/** What is under test, with every choice made: the part of the options that laws and Monte Carlo share. */
import type { derive } from '../derive/index.ts';
import type { Network } from '../ir/arch/index.ts';
import type { KernelName, SingleKernel } from '../ir/program/index.ts';
import type { Op } from '../ops/op.ts';
import type { CompiledKernel } from '../runtime/kernel.ts';
import { load } from '../runtime/load.ts';
import type { VerifyProgress } from './progress.ts';

export interface Setting {
  readonly network: Network;
  readonly kernels: readonly SingleKernel[];
  readonly layerWeights: readonly number[];
  readonly targets: readonly string[];
  readonly seed: number;
  readonly vocabulary: ReadonlyMap<string, Op>;
  readonly derive: typeof derive;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
}

/** Compiles kernels of one network for the reference; the weighted NTK with the setting's weights. */
export type Compiler = (kernel: KernelName) => Promise<CompiledKernel>;

export function compiler(setting: Setting): Compiler {
  const { network, vocabulary, layerWeights } = setting;
  return (kernel) =>
    load(setting.derive(network, kernel, { vocabulary }).program, kernel === 'wntk' ? { layerWeights } : {});
}
