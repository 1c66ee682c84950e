import { type Derivation, derive } from './derive/index.ts';
import type { Network } from './ir/arch/index.ts';
import type { KernelName } from './ir/program/index.ts';
import type { CompiledKernel } from './runtime/kernel.ts';
import { load, type TargetOptions } from './runtime/load.ts';

export interface CompileOptions extends TargetOptions {
  /** Default "ntk". */
  readonly kernel?: KernelName;
}

/** Derives a kernel of a network (or takes it derived) and loads it on a target, by default "wasm", ready for gram(). */
export async function compile(source: Network | Derivation, options: CompileOptions = {}): Promise<CompiledKernel> {
  const derivation = 'program' in source ? source : derive(source, options.kernel ?? 'ntk');
  return load(derivation.program, { target: 'wasm', ...options });
}
