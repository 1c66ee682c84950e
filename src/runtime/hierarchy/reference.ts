import type { HierarchyPlans } from '../../codegen/hierarchy/plans.ts';
import { hierarchyBody } from '../../codegen/hierarchy/reference/module.ts';
import type { HierarchySamples } from './checks.ts';
import type { HierarchyEngine } from './engine.ts';

interface EmittedModule {
  prepare(parameters: HierarchySamples['parameters'], x: Float64Array, n: number, output: number): object;
  one(prepared: object, tuple: readonly number[]): number;
  all(prepared: object): Float64Array;
  contracted?(prepared: object, weights: Float64Array): Float64Array;
}

/** Float64 in plain JavaScript. */
export async function loadReference(plans: HierarchyPlans): Promise<HierarchyEngine> {
  const module = evaluated(hierarchyBody(plans));
  return {
    target: 'reference',
    dtype: 'float64',
    prepare: async ({ parameters, x, n, output = 0 }) => {
      const prepared = module.prepare(parameters, x, n, output);
      return {
        at: async (tuples) => Float64Array.from(tuples, (tuple) => module.one(prepared, tuple)),
        all: async () => module.all(prepared),
        contracted: async (weights) => module.contracted!(prepared, weights),
        dispose: () => {},
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
