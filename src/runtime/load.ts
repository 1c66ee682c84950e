import { NtkcError } from '../errors.ts';
import type { Program } from '../ir/program/index.ts';
import { loadReference } from './backends/reference.ts';
import type { CompiledKernel, DType, LoadOptions } from './kernel.ts';

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
  const { target = 'reference', tfjsBackend, layerWeights, threads, dtype } = options;
  requireDtype(target, dtype);
  const weights = layerWeights === undefined ? {} : { layerWeights };
  switch (target) {
    case 'reference':
      return loadReference(program, weights);
    case 'wasm': {
      const { loadWasm } = await import('./backends/wasm.ts');
      return loadWasm(program, { ...weights, ...(threads !== undefined && { threads }), ...(dtype && { dtype }) });
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

/** What each target computes in. */
const targetDtypes: Readonly<Record<RunTarget, readonly DType[]>> = {
  reference: ['float64'],
  wasm: ['float64', 'float32'],
  tfjs: ['float32'],
};

function requireDtype(target: RunTarget, dtype: DType | undefined): void {
  const known: readonly DType[] | undefined = targetDtypes[target];
  if (dtype === undefined || known === undefined || known.includes(dtype)) return;
  throw new NtkcError({
    what: `target ${target} computes in ${known.join(', ')}, not in ${JSON.stringify(dtype)}`,
    next: known.includes('float32') ? 'Leave dtype out, or take target wasm.' : 'Take target wasm for float32.',
  });
}
