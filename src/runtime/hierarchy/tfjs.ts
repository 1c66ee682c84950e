import type * as Tf from '@tensorflow/tfjs-core';
import type { HierarchyPlans } from '../../codegen/hierarchy/plans.ts';
import { generateHierarchyTfjs } from '../../codegen/hierarchy/tfjs/module.ts';
import { onBackend, pickBackend } from '../backends/tfjsBackend.ts';
import type { HierarchySamples } from './checks.ts';
import type { HierarchyEngine } from './engine.ts';

interface EmittedModule {
  prepare(parameters: HierarchySamples['parameters'], x: Tf.Tensor2D, output: number): Tf.NamedTensorMap;
  one(prepared: Tf.NamedTensorMap, tuple: readonly number[]): Tf.Scalar;
  all(prepared: Tf.NamedTensorMap): Tf.Tensor;
  contracted?(prepared: Tf.NamedTensorMap, weights: Tf.Tensor): Tf.Tensor2D;
}

/**
 * Float32 on the best backend of tfjs there is, or on the one named.
 * @throws NtkcError for a backend that is none or does not run here
 */
export async function loadTfjs(plans: HierarchyPlans, backendName?: string): Promise<HierarchyEngine> {
  const backend = await pickBackend(backendName);
  const { tf } = backend;
  const module = await evaluated(plans, tf);
  const { order } = plans.program;
  const dataOf = async (tensor: Tf.Tensor): Promise<Float64Array> => {
    const data = await tensor.data();
    tensor.dispose();
    return Float64Array.from(data);
  };
  return {
    target: `tfjs (${backend.name})`,
    dtype: 'float32',
    prepare: async ({ parameters, x, n, output = 0 }) => {
      const prepared = await onBackend(backend, () =>
        tf.tidy(() => module.prepare(parameters, tf.tensor2d(Float32Array.from(x), [n, x.length / n]), output)),
      );
      return {
        at: (tuples) =>
          onBackend(backend, () => dataOf(tf.tidy(() => tf.stack(tuples.map((tuple) => module.one(prepared, tuple)))))),
        all: () => onBackend(backend, () => dataOf(module.all(prepared))),
        contracted: (weights) =>
          onBackend(backend, () => {
            const shape = Array.from({ length: order - 2 }, () => n);
            return dataOf(tf.tidy(() => module.contracted!(prepared, tf.tensor(Float32Array.from(weights), shape))));
          }),
        dispose: () => tf.dispose(prepared),
      };
    },
  };
}

/** The emitted module, evaluated. Its text is ours: names are checked identifiers, constants numbers. */
async function evaluated(plans: HierarchyPlans, tf: typeof Tf): Promise<EmittedModule> {
  const { ts } = await import('ts-morph');
  const { target, module } = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const source = generateHierarchyTfjs(plans, []);
  const { outputText } = ts.transpileModule(source, { compilerOptions: { target, module } });
  const body = outputText.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '');
  const names = body.includes('function contracted(') ? 'prepare, one, all, contracted' : 'prepare, one, all';
  const load = new Function('tf', `'use strict';\n${body}\nreturn { ${names} };`);
  return load(tf) as EmittedModule;
}
