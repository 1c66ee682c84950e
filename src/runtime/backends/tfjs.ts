import type * as Tf from '@tensorflow/tfjs-core';
import type { Program } from '../../ir/program/index.ts';
import type { CompiledKernel, Inputs, LoadOptions, Prepared, Tile } from '../kernel.ts';
import { checkedWeights } from '../layerWeights.ts';
import { onBackend, type PickedBackend, pickBackend } from './tfjsBackend.ts';

export { backendNames, type PickedBackend, pickBackend } from './tfjsBackend.ts';

export interface TfjsOptions extends LoadOptions {
  /** tfjs-node-gpu, tfjs-node, tensorflow (either), wasm or cpu; the first of these that runs here by default. */
  readonly backend?: string;
}

/** A kernel that tfjs computes in float32. */
export interface TfjsKernel extends CompiledKernel {
  /** Which backend was picked, and why not the ones before it. */
  readonly note: string;
}

/** What an emitted module exports, under names that do not depend on the kernel. */
interface EmittedModule {
  kernel(
    x1: Tf.Tensor2D,
    x2: Tf.Tensor2D | undefined,
    weights: readonly number[],
  ): Tf.Tensor2D | Record<string, Tf.Tensor2D>;
  truncationBound?(x: Tf.Tensor2D): number;
}

/** The inputs as tfjs takes them. Tensors live for one tile only, so kernels may share a backend or change it. */
interface TfjsPrepared extends Prepared {
  readonly data: Float32Array;
  readonly bound: number;
}

/**
 * Compiles the program to the tfjs target's source and loads it on a backend. Values are computed in float32.
 * @throws NtkcError for a backend that is none or does not run here, and for layer weights that do not fit
 */
export async function loadTfjs(program: Program, options: TfjsOptions = {}): Promise<TfjsKernel> {
  const layerWeights = checkedWeights(program, options.layerWeights);
  const backend = await pickBackend(options.backend);
  const module = await loadModule(program, backend.tf);
  const withLayerWeights = (layerWeights: readonly number[]): TfjsKernel => ({
    program,
    target: `tfjs (${backend.name})`,
    dtype: 'float32',
    layerWeights,
    withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
    note: backend.note,
    prepare: async (x) => prepare(x, program.features, module, backend),
    tile: (tile) => tileOf(tile, program, module, backend, layerWeights),
    ...(module.truncationBound && { truncationBound: (p: Prepared) => (p as TfjsPrepared).bound }),
    dispose: () => {},
  });
  return withLayerWeights(layerWeights);
}

/** The emitted module, evaluated. Its text is ours: names are checked identifiers, constants numbers, comments escaped. */
async function loadModule(program: Program, tf: typeof Tf): Promise<EmittedModule> {
  const { generateTfjs } = await import('../../codegen/targets/tfjs/index.ts');
  const { ts } = await import('ts-morph');
  const { target, module } = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(generateTfjs(program, []), { compilerOptions: { target, module } });
  const body = outputText.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '');
  const bound = outputText.includes('function truncationBound') ? ', truncationBound' : '';
  const load = new Function('tf', `'use strict';\n${body}\nreturn { kernel: ${program.kernel}${bound} };`);
  return load(tf) as EmittedModule;
}

async function prepare(
  x: Inputs,
  features: number,
  { truncationBound }: EmittedModule,
  backend: PickedBackend,
): Promise<TfjsPrepared> {
  const data = Float32Array.from(x.data);
  if (truncationBound === undefined || x.n === 0) return { n: x.n, data, bound: 0 };
  const { tf } = backend;
  const bound = await onBackend(backend, () => {
    const tensor = tf.tensor2d(data, [x.n, features]);
    try {
      return truncationBound(tensor);
    } finally {
      tensor.dispose();
    }
  });
  return { n: x.n, data, bound };
}

/** One tile [aRows, bRows] of every output; the Gram matrix of the rows where the tile lies on the diagonal. */
async function tileOf(
  { a, aRows, b, bRows, symmetric }: Tile,
  program: Program,
  module: EmittedModule,
  backend: PickedBackend,
  weights: readonly number[],
): Promise<readonly Float64Array[]> {
  const { tf } = backend;
  const rows = (p: Prepared, [from, to]: readonly [number, number]): Tf.Tensor2D => {
    const { data } = p as TfjsPrepared;
    const d = program.features;
    return tf.tensor2d(data.subarray(from * d, to * d), [to - from, d]);
  };
  const onDiagonal = symmetric && aRows[0] === bRows[0] && aRows[1] === bRows[1];
  return onBackend(backend, async () => {
    const results = tf.tidy(() => {
      const found = module.kernel(rows(a, aRows), onDiagonal ? undefined : rows(b, bRows), weights);
      return program.outputs.map((o) => (found instanceof tf.Tensor ? found : (found[o.name] as Tf.Tensor2D)));
    });
    const data = await Promise.all(results.map((t) => t.data()));
    tf.dispose(results);
    return data.map((values) => Float64Array.from(values));
  });
}
