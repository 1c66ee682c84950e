/** K_r of a finite network by emitted code: at tuples, at all tuples, and contracted. */
import { type HierarchyPlans, planHierarchy } from '../../codegen/hierarchy/plans.ts';
import { NtkcError } from '../../errors.ts';
import { planCost } from '../../ir/einsum/plan/index.ts';
import { type HierarchyProgram, SAMPLES } from '../../ir/hierarchy/index.ts';
import { requireFinite } from '../empirical/requireFinite.ts';
import type { DType } from '../kernel.ts';
import { checkMemory, checkSamples, checkTuples, checkWeights, type HierarchySamples } from './checks.ts';
import type { EngineSamples, HierarchyEngine } from './engine.ts';
import { loadReference } from './reference.ts';

export const hierarchyTargets = ['wasm', 'reference', 'tfjs'] as const;
export type HierarchyTarget = (typeof hierarchyTargets)[number];

export interface HierarchyLoadOptions {
  /** wasm: float64, on all cores; reference: float64, plain JavaScript; tfjs: float32. Default "wasm". */
  readonly target?: HierarchyTarget;
  /** For tfjs: cpu, wasm, tensorflow, ...; the best there is unless said otherwise. */
  readonly tfjsBackend?: string;
  /** Of wasm. Default: as many as pay, at most those the machine runs at once. The numbers do not depend on it. */
  readonly threads?: number;
  /** n that the order of contractions is chosen for; it holds for any n. Default 100. */
  readonly samples?: number;
  /** Most that results and intermediate results may take, as float64; large ones are made in blocks. Default 1 GiB. */
  readonly memoryLimitBytes?: number;
}

/** K_order, compiled. */
export interface CompiledHierarchy {
  readonly program: HierarchyProgram;
  readonly target: string;
  readonly dtype: DType;
  readonly plans: HierarchyPlans;
  /** @throws NtkcError where parameters or samples do not fit the network */
  prepare(samples: HierarchySamples): Promise<PreparedHierarchy>;
}

/** At given parameters and samples. Every value that is returned is finite, else an NtkcError is thrown. */
export interface PreparedHierarchy {
  readonly n: number;
  /** K at each tuple of sample indices. */
  at(tuples: readonly (readonly number[])[]): Promise<Float64Array>;
  /** K at all tuples, [n n ..], row-major. @throws NtkcError above the memory limit */
  all(): Promise<Float64Array>;
  /**
   * Σ over all but the first two samples, [n n]: V[a b] = Σ_g K3(a, b, g) weights[g], M[a b] = Σ_gx K4(a, b, g, x) weights[g x].
   * Under gradient flow of a loss with ∂loss/∂f(x_g) = r_g/n the NTK on the samples moves by −V/n, with weights r.
   * @throws NtkcError above the memory limit
   */
  contracted(weights: Float64Array): Promise<Float64Array>;
  /** Frees what is held on a device. */
  dispose(): void;
}

const scaleAdvice =
  'Check where the activations and their derivatives are defined, and the scale of inputs and parameters.';

/**
 * Plans, emits and loads K_r of a finite network.
 * @throws NtkcError for a target that is none or does not run here
 */
export async function loadHierarchy(
  program: HierarchyProgram,
  options: HierarchyLoadOptions = {},
): Promise<CompiledHierarchy> {
  const { samples = 100, memoryLimitBytes = 2 ** 30 } = options;
  const plans = planHierarchy(program, samples, memoryLimitBytes);
  const engine = await engineOf(plans, options);
  return {
    program,
    target: engine.target,
    dtype: engine.dtype,
    plans,
    prepare: async (given) => {
      checkSamples(program, given);
      return checked(plans, given.n, await engine.prepare(given), memoryLimitBytes);
    },
  };
}

async function engineOf(
  plans: HierarchyPlans,
  { target = 'wasm', tfjsBackend, threads }: HierarchyLoadOptions,
): Promise<HierarchyEngine> {
  switch (target) {
    case 'wasm': {
      const { loadWasm } = await import('./wasm.ts');
      return loadWasm(plans, threads);
    }
    case 'reference':
      return loadReference(plans);
    case 'tfjs': {
      const { loadTfjs } = await import('./tfjs.ts');
      return loadTfjs(plans, tfjsBackend);
    }
    default:
      throw new NtkcError({
        what: `unknown target ${JSON.stringify(target)}`,
        expected: `one of ${hierarchyTargets.join(', ')}`,
      });
  }
}

/** What goes in fits, what comes out is finite, and nothing takes more memory than it may. */
function checked(plans: HierarchyPlans, n: number, engine: EngineSamples, memoryLimitBytes: number): PreparedHierarchy {
  const { order } = plans.program;
  const finite = (values: Float64Array) => requireFinite(values, `K${order}`, scaleAdvice);
  const bytesOf = (form: 'pairs' | 'contracted') => {
    const { steps, space } = plans[form]!.plan;
    return planCost(steps, { ...space, sizes: { ...space.sizes, [SAMPLES]: n } }).peakBytes;
  };
  return {
    n,
    at: async (tuples) => {
      checkTuples(tuples, n, order);
      return finite(await engine.at(tuples));
    },
    all: async () => {
      checkMemory(`K${order} at all ${n}^${order} tuples`, 8 * n ** order + bytesOf('pairs'), memoryLimitBytes);
      return finite(await engine.all());
    },
    contracted: async (weights) => {
      checkWeights(weights, n, order);
      checkMemory(`the contraction of K${order} at ${n} samples`, bytesOf('contracted'), memoryLimitBytes);
      return finite(await engine.contracted(weights));
    },
    dispose: () => engine.dispose(),
  };
}
