import { compile } from '../compile.ts';
import { derive } from '../derive/index.ts';
import { NtkcError } from '../errors.ts';
import type { Network } from '../ir/arch/index.ts';
import type { KernelName } from '../ir/program/index.ts';
import type { CompiledKernel } from '../runtime/kernel.ts';
import { checkedWeights } from '../runtime/layerWeights.ts';
import type { TargetOptions } from '../runtime/load.ts';
import { inFile } from './networkFile.ts';

interface KernelOptions {
  readonly kernel: KernelName;
  readonly layerWeights?: readonly number[];
}

/** Derives and loads a kernel; errors name the network's file, or the option at fault. */
export async function compileKernel(
  network: Network,
  file: string,
  { kernel, layerWeights }: KernelOptions,
  target: TargetOptions = {},
): Promise<CompiledKernel> {
  if (layerWeights !== undefined && kernel !== 'wntk')
    throw new NtkcError({
      what: `the ${kernel} has no layer weights`,
      where: '--layer-weights',
      expected: '--kernel wntk',
    });
  const derivation = await inFile(file, () => derive(network, kernel));
  if (layerWeights === undefined) return compile(derivation, target);
  await inFile('--layer-weights', () => checkedWeights(derivation.program, layerWeights));
  return compile(derivation, { ...target, layerWeights });
}
