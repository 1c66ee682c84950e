import { NtkcError } from '../errors.ts';
import type { Program } from '../ir/program/index.ts';
import { loadReference } from './backends/reference.ts';
import type { CompiledKernel, LoadOptions } from './kernel.ts';

export const runTargets = ['reference', 'wasm', 'tfjs'] as const;
export type RunTarget = (typeof runTargets)[number];

export interface TargetOptions extends LoadOptions {
  /** Default "reference". */
  readonly target?: RunTarget;
  /** For tfjs: cpu, wasm, tensorflow, ...; the best there is unless said otherwise. */
  readonly tfjsBackend?: string;
}

/** Loads a kernel program on a target. @throws NtkcError when the target is unknown or cannot be had */
export async function load(program: Program, options: TargetOptions = {}): Promise<CompiledKernel> {
  const { target = 'reference', tfjsBackend, layerWeights, threads } = options;
  const weights = layerWeights === undefined ? {} : { layerWeights };
  switch (target) {
    case 'reference':
      return loadReference(program, weights);
    case 'wasm': {
      const { loadWasm } = await import('./backends/wasm.ts');
      return loadWasm(program, { ...weights, ...(threads !== undefined && { threads }) });
    }
    case 'tfjs': {
      const { loadTfjs } = await import('./backends/tfjs.ts');
      return loadTfjs(program, { ...weights, ...(tfjsBackend !== undefined && { backend: tfjsBackend }) });
    }
    default:
      throw new NtkcError({
        what: `unknown target ${JSON.stringify(target)}`,
        expected: `one of ${runTargets.join(', ')}`,
      });
  }
}
