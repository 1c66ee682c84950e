/** The wasm target for inputs with spatial axes. */
import { availableParallelism } from 'node:os';
import { planSpatial } from '../../../../codegen/plan/spatial/index.ts';
import { loadableSpatial } from '../../../../codegen/targets/wasm/spatial/index.ts';
import { dualActivation } from '../../../../ir/gaussian/index.ts';
import type { Program } from '../../../../ir/program/index.ts';
import type { CompiledKernel, DType, Inputs, LoadOptions, MatrixRequest, Tile } from '../../../kernel.ts';
import { checkedWeights } from '../../../layerWeights.ts';
import { nonFinite } from '../../../nonFinite.ts';
import { loadReference } from '../../reference.ts';
import { narrowed } from '../narrow.ts';
import { sharedBytes } from '../tiledMatrix.ts';
import { SpatialEngine } from './engine.ts';
import { sampleOf } from './job.ts';
import { fillMatrix, type SpatialKernel, type SpatialPrepared } from './matrix.ts';

/** Cells that one tile computes: some tenths of a second. */
const tileCells = 2.5e7;

/** Bytes of tables of coefficients: of all threads together, and of each at least. */
const [mostTableBytes, leastTableBytes] = [2 ** 29, 2 ** 26];

let loaded = 0;
let prepared = 0;

/**
 * A spatial kernel in WebAssembly: a pair's whole network at a time, all pairs of positions a difference p' - p at a time, so
 * that nothing is kept that grows with the number of samples. Networks without a plan run on the reference kernel, and so do
 * pairs that come out as NaN.
 */
export function loadSpatial(program: Program, { dtype = 'float64', ...options }: LoadOptions = {}): CompiledKernel {
  const plan = planSpatial(program);
  if (plan === undefined) return named(loadReference(program, options), dtype);
  const { bytes, schedule } = loadableSpatial(plan);
  const module = new WebAssembly.Module(bytes);
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : (options.threads ?? availableParallelism());
  const tableBytes = Math.max(leastTableBytes, mostTableBytes / Math.max(2, threads));
  const kernel: SpatialKernel = {
    id: loaded++,
    module,
    schedule,
    threads,
    tableBytes,
    engine: new SpatialEngine(module, schedule, dualActivation, tableBytes),
  };
  const tileRows = Math.max(1, Math.floor(Math.sqrt(tileCells / schedule.cellsOfPair)));
  const withLayerWeights = (layerWeights: readonly number[]): CompiledKernel => {
    let reference: CompiledKernel | undefined;
    const exact = (x: SpatialPrepared, i: number, y: SpatialPrepared, j: number, symmetric: boolean) => {
      reference ??= loadReference(program, { ...(program.weights.length > 0 && { layerWeights }) });
      return exactPair(reference, x, i, y, j, symmetric && i === j);
    };
    return {
      program,
      target: 'wasm',
      dtype,
      layerWeights,
      tileRows,
      workingBytes: (n) => threads * kernel.engine.bytes(n),
      withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
      prepare: (inputs: Inputs) => preparedFor(threads, inputs),
      tile: async (tile) => (await oneTile(kernel, tile, layerWeights, exact)).map((values) => rounded(values, dtype)),
      matrix: async (request) => rounded(await rowsOfMatrix(kernel, request, layerWeights, exact), dtype),
      dispose: () => {},
    };
  };
  return withLayerWeights(checkedWeights(program, options.layerWeights));
}

type Exact = (
  x: SpatialPrepared,
  i: number,
  y: SpatialPrepared,
  j: number,
  symmetric: boolean,
) => Promise<readonly number[]>;

/** The reference kernel under the name of this target. */
function named(kernel: CompiledKernel, dtype: DType): CompiledKernel {
  return {
    ...kernel,
    target: 'wasm',
    dtype,
    withLayerWeights: (weights) => named(kernel.withLayerWeights(weights), dtype),
    tile: async (tile) => (await kernel.tile(tile)).map((values) => rounded(values, dtype)),
  };
}

/** In float32 spatial kernels are computed in float64 and rounded once. */
function rounded(values: Float64Array, dtype: DType): Float64Array {
  if (dtype === 'float32') for (let k = 0; k < values.length; k++) values[k] = narrowed(values[k] as number);
  return values;
}

const preparedFor = (threads: number, { data, n, patterns, present }: Inputs): SpatialPrepared => {
  const held = threads > 1 ? shared : (array: Float64Array) => array;
  return {
    id: prepared++,
    n,
    data: held(data),
    ...(patterns && { pattern: held(patterns) }),
    ...(present && { present: held(present) }),
  };
};

function shared(data: Float64Array): Float64Array {
  if (data.buffer instanceof SharedArrayBuffer) return data;
  const copy = new Float64Array(sharedBytes(8 * data.length));
  copy.set(data);
  return copy;
}

async function oneTile(
  { engine, schedule }: SpatialKernel,
  { a, b, aRows: [i0, i1], bRows: [j0, j1], symmetric }: Tile,
  weights: readonly number[],
  exact: Exact,
): Promise<readonly Float64Array[]> {
  const [x, y] = [a as SpatialPrepared, b as SpatialPrepared];
  const out = Array.from({ length: schedule.outputs }, () => new Float64Array((i1 - i0) * (j1 - j0)));
  for (let i = i0; i < i1; i++)
    for (let j = symmetric ? Math.max(i, j0) : j0; j < j1; j++) {
      engine.setWeights(weights);
      const row = sampleOf(x, i);
      const found = symmetric && i === j ? engine.diagonal(row) : engine.pair(row, sampleOf(y, j));
      const values = found.every(Number.isFinite) ? found : await exact(x, i, y, j, symmetric);
      out.forEach((k, o) => {
        k[(i - i0) * (j1 - j0) + j - j0] = values[o] as number;
      });
    }
  return out;
}

async function rowsOfMatrix(
  kernel: SpatialKernel,
  request: MatrixRequest,
  weights: readonly number[],
  exact: Exact,
): Promise<Float64Array> {
  const { symmetric, output, signal } = request;
  const [a, b] = [request.a as SpatialPrepared, request.b as SpatialPrepared];
  const { data, span, poisoned } = await fillMatrix(kernel, request, weights);
  const width = span.j1 - span.j0;
  for (const { i0, i1, j0, j1 } of poisoned)
    for (let i = i0; i < i1; i++)
      for (let j = symmetric ? Math.max(i, j0) : j0; j < j1; j++) {
        const at = (i - span.i0) * width + j - span.j0;
        if (Number.isFinite(data[at])) continue;
        signal?.throwIfAborted();
        const value = (await exact(a, i, b, j, symmetric))[output];
        if (!Number.isFinite(value)) throw nonFinite(value, i, j, 'wasm');
        data[at] = value as number;
        if (symmetric && j < span.i1 && i >= span.j0) data[(j - span.i0) * width + i - span.j0] = value as number;
      }
  return data;
}

/** What the reference kernel gives for one pair, each output; of a sample with itself what is on the diagonal. */
async function exactPair(
  reference: CompiledKernel,
  x: SpatialPrepared,
  i: number,
  y: SpatialPrepared,
  j: number,
  symmetric: boolean,
): Promise<readonly number[]> {
  const part = (array: Float64Array, n: number, at: number) =>
    array.slice((at * array.length) / n, ((at + 1) * array.length) / n);
  const one = ({ data, n, pattern, present }: SpatialPrepared, at: number): Inputs => ({
    data: part(data, n, at),
    n: 1,
    ...(pattern && { patterns: part(pattern, n, at) }),
    ...(present && { present: part(present, n, at) }),
  });
  const a = await reference.prepare(one(x, i));
  const b = symmetric ? a : await reference.prepare(one(y, j));
  const values = await reference.tile({ a, aRows: [0, 1], b, bRows: [0, 1], symmetric });
  return values.map((value) => value[0] as number);
}
