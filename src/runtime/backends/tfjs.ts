import type * as Tf from '@tensorflow/tfjs-core';
import { type Program, positionsOf } from '../../ir/program/index.ts';
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
  kernel(x1: Rows, x2: Rows | undefined, weights: readonly number[]): Tf.Tensor2D | Record<string, Tf.Tensor2D>;
  truncationBound?(x: Rows): number;
}

/** Inputs [n d], or a record of these and of what comes with them, where the program reads that. */
type Rows = Tf.Tensor2D | Readonly<Record<'x' | 'pattern' | 'present', Tf.Tensor>>;

/** The inputs as tfjs takes them. Tensors live for one tile only, so kernels may share a backend or change it. */
interface TfjsPrepared extends Prepared {
  readonly data: Float32Array;
  /** What comes with the inputs and the program reads. */
  readonly given: readonly Given[];
  readonly bound: number;
}

/** Numbers of every sample, in this shape. */
interface Given {
  readonly name: 'pattern' | 'present';
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * Compiles the program to the tfjs target's source and loads it on a backend. Values are computed in float32.
 * @throws NtkcError for a backend that is none or does not run here, and for layer weights that do not fit
 */
export async function loadTfjs(program: Program, options: TfjsOptions = {}): Promise<TfjsKernel> {
  const layerWeights = checkedWeights(program, options.layerWeights);
  const backend = await pickBackend(options.backend);
  const module = await loadModule(program, backend.tf);
  const cost = await costs(program);
  const withLayerWeights = (layerWeights: readonly number[]): TfjsKernel => ({
    program,
    target: `tfjs (${backend.name})`,
    dtype: 'float32',
    layerWeights,
    ...cost,
    withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
    note: backend.note,
    prepare: async (x) => prepare(x, program, module, backend),
    tile: (tile) => tileOf(tile, program, module, backend, layerWeights),
    ...(module.truncationBound && { truncationBound: (p: Prepared) => (p as TfjsPrepared).bound }),
    dispose: () => {},
  });
  return withLayerWeights(layerWeights);
}

/** What pairs over positions take: tiles of a few of the module's own blocks. */
async function costs(program: Program): Promise<Pick<CompiledKernel, 'tileRows' | 'workingBytes'>> {
  if (program.extents.length === 0) return {};
  const { blockOf } = await import('../../codegen/targets/tfjs/index.ts');
  const { bytes, samples } = blockOf(program);
  return { tileRows: 2 * samples, workingBytes: () => bytes };
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
  program: Program,
  { truncationBound }: EmittedModule,
  backend: PickedBackend,
): Promise<TfjsPrepared> {
  const prepared = { n: x.n, data: Float32Array.from(x.data), given: givenWith(x, program), bound: 0 };
  if (truncationBound === undefined || x.n === 0) return prepared;
  const bound = await onBackend(backend, () =>
    backend.tf.tidy(() => truncationBound(rowsOf(prepared, [0, x.n], program, backend.tf))),
  );
  return { ...prepared, bound };
}

function givenWith({ patterns, present }: Inputs, { statements, extents }: Program): readonly Given[] {
  const p = positionsOf(extents);
  const all = [
    { name: 'pattern', shape: [p, p], data: patterns },
    { name: 'present', shape: [p], data: present },
  ] as const;
  return all
    .filter(({ name }) => statements.some((s) => s.kind === name))
    .map(({ name, shape, data }) => ({ name, shape, data: Float32Array.from(data ?? []) }));
}

/** Some rows of the inputs as the emitted module takes them. */
function rowsOf(
  { data, given }: TfjsPrepared,
  [from, to]: readonly [number, number],
  { features }: Program,
  tf: typeof Tf,
): Rows {
  const cut = (values: Float32Array, shape: readonly number[]): Tf.Tensor => {
    const size = positionsOf(shape);
    return tf.tensor(values.subarray(from * size, to * size), [to - from, ...shape]);
  };
  const x = cut(data, [features]) as Tf.Tensor2D;
  if (given.length === 0) return x;
  return Object.fromEntries([['x', x], ...given.map((g) => [g.name, cut(g.data, g.shape)])]) as Rows;
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
  const rows = (p: Prepared, range: readonly [number, number]) => rowsOf(p as TfjsPrepared, range, program, tf);
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
