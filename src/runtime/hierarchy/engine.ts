import type { DType } from '../kernel.ts';
import type { HierarchySamples } from './checks.ts';

/** Emitted code of a target, loaded; called with what was checked. */
export interface HierarchyEngine {
  /** e.g. "reference", or "tfjs (wasm)". */
  readonly target: string;
  readonly dtype: DType;
  prepare(samples: HierarchySamples): Promise<EngineSamples>;
}

export interface EngineSamples {
  at(tuples: readonly (readonly number[])[]): Promise<Float64Array>;
  all(): Promise<Float64Array>;
  contracted(weights: Float64Array): Promise<Float64Array>;
  dispose(): void;
}
