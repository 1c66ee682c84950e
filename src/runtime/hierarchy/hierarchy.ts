/** K_r of a finite network by emitted code: at tuples, at all tuples, and contracted. */
import { type HierarchyPlans, planHierarchy } from '../../codegen/hierarchy/plans.ts';
import { hierarchyBody } from '../../codegen/hierarchy/reference/module.ts';
import { planCost } from '../../ir/einsum/plan/index.ts';
import { type HierarchyProgram, SAMPLES } from '../../ir/hierarchy/index.ts';
import { requireFinite } from '../empirical/requireFinite.ts';
import type { DType } from '../kernel.ts';
import { checkMemory, checkSamples, checkTuples, checkWeights, type HierarchySamples } from './checks.ts';

export const hierarchyTargets = ['reference'] as const;
export type HierarchyTarget = (typeof hierarchyTargets)[number];

export interface HierarchyLoadOptions {
  /** n that the order of contractions is chosen for; it holds for any n. Default 100. */
  readonly samples?: number;
  /** Most that results and intermediate results may take. Default 1 GiB. */
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
}

interface EmittedModule {
  prepare(parameters: HierarchySamples['parameters'], x: Float64Array, n: number, output: number): object;
  one(prepared: object, tuple: readonly number[]): number;
  all(prepared: object): Float64Array;
  contracted?(prepared: object, weights: Float64Array): Float64Array;
}

const scaleAdvice =
  'Check where the activations and their derivatives are defined, and the scale of inputs and parameters.';

/** Plans, emits and loads K_r on the reference target: float64, plain JavaScript. */
export function loadHierarchyReference(
  program: HierarchyProgram,
  { samples = 100, memoryLimitBytes = 2 ** 30 }: HierarchyLoadOptions = {},
): CompiledHierarchy {
  const plans = planHierarchy(program, samples);
  const module = evaluated(hierarchyBody(plans));
  const { order } = program;
  const bytesOf = (form: 'pairs' | 'contracted', n: number) => {
    const { plan } = plans[form]!;
    return planCost(plan.steps, { ...plan.space, sizes: { ...plan.space.sizes, [SAMPLES]: n } }).peakBytes;
  };
  const finite = (values: Float64Array) => requireFinite(values, `K${order}`, scaleAdvice);
  return {
    program,
    target: 'reference',
    dtype: 'float64',
    plans,
    prepare: async (given) => {
      checkSamples(program, given);
      const { parameters, x, n, output = 0 } = given;
      const prepared = module.prepare(parameters, x, n, output);
      return {
        n,
        at: async (tuples) => {
          checkTuples(tuples, n, order);
          return finite(Float64Array.from(tuples, (tuple) => module.one(prepared, tuple)));
        },
        all: async () => {
          checkMemory(`K${order} at all ${n}^${order} tuples`, 8 * n ** order + bytesOf('pairs', n), memoryLimitBytes);
          return finite(module.all(prepared));
        },
        contracted: async (weights) => {
          checkWeights(weights, n, order);
          checkMemory(`the contraction of K${order} at ${n} samples`, bytesOf('contracted', n), memoryLimitBytes);
          return finite(module.contracted!(prepared, weights));
        },
      };
    },
  };
}

/** The text is ours: made from checked terms, whose names are identifiers and whose constants are numbers. */
function evaluated(body: string): EmittedModule {
  const names = body.includes('function contracted(') ? 'prepare, one, all, contracted' : 'prepare, one, all';
  const load = new Function(`'use strict';\n${body.replaceAll(/^export /gm, '')}\nreturn { ${names} };`);
  return load() as EmittedModule;
}
