import { availableParallelism } from 'node:os';
import { planTile, type TilePlan } from '../../codegen/plan/index.ts';
import { loadableTile } from '../../codegen/targets/wasm/index.ts';
import type { Program } from '../../ir/program/index.ts';
import type { CompiledKernel, DType, Inputs, LoadOptions, MatrixRequest, Prepared, Tile } from '../kernel.ts';
import { checkedWeights } from '../layerWeights.ts';
import { nonFinite } from '../nonFinite.ts';
import { loadReference } from './reference.ts';
import { TileEngine } from './wasm/engine.ts';
import { fillMatrix, type MatrixKernel } from './wasm/matrix.ts';
import { type Exact, narrowInputs, narrowMatrix, narrowPlan, narrowTile } from './wasm/narrow.ts';
import { prepareInputs, type WasmPrepared } from './wasm/panels.ts';
import { type SelfValues, selfValues } from './wasm/selfValues.ts';
import { loadSpatial } from './wasm/spatial/load.ts';
import { pairs, runTile } from './wasm/tile.ts';

let loaded = 0;

/** A kernel in WebAssembly, and what computes the pairs that its tiles leave as NaN. */
function matrixKernel(plan: TilePlan, dtype: DType, threads: number): MatrixKernel {
  const { bytes, shape } = loadableTile(plan, dtype);
  const module = new WebAssembly.Module(bytes);
  return { id: loaded++, plan, module, shape, threads, engine: new TileEngine(module, shape) };
}

/**
 * The fused target: one WebAssembly SIMD kernel for the whole network, on all cores. Pairs that it cannot do are left as
 * NaN: by float32 to float64 (near duplicates, large numbers), by float64 to the reference kernel (a series that does not
 * converge, a sine of a huge argument).
 */
export function loadWasm(program: Program, { dtype = 'float64', ...options }: LoadOptions = {}): CompiledKernel {
  if (program.extents.length > 0) return loadSpatial(program, { dtype, ...options });
  const plan = planTile(program);
  const expands = program.statements.some((s) => s.kind === 'expand');
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : (options.threads ?? availableParallelism());
  const kernel = matrixKernel(plan, 'float64', threads);
  const narrow = dtype === 'float32' ? matrixKernel(narrowPlan(plan), 'float32', threads) : undefined;
  const withLayerWeights = (layerWeights: readonly number[]): CompiledKernel => {
    const reference = loadReference(program, { ...(program.weights.length > 0 && { layerWeights }) }, false);
    const bound = reference.truncationBound;
    const tile = (request: Tile) => oneTile(kernel, reference, request);
    const matrix = (request: MatrixRequest) => rowsOfMatrix(kernel, reference, request);
    const exact: Exact = { tile, matrix };
    return {
      program,
      target: 'wasm',
      dtype,
      layerWeights,
      withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
      prepare: async (inputs: Inputs) => {
        // Code for maps is faster than walking them; expansions are faster here.
        const selfs = expands ? selfValues(program, inputs, layerWeights) : await reference.prepare(inputs);
        const prepared = prepareInputs(plan, inputs, selfs as SelfValues, layerWeights);
        return narrow === undefined ? prepared : narrowInputs(narrow, prepared);
      },
      tile: narrow === undefined ? tile : (request) => narrowTile(narrow, exact, request),
      ...(narrow === undefined
        ? { matrix }
        : {
            matrix: (request) => narrowMatrix(narrow, exact, request, 'float64'),
            matrix32: (request) => narrowMatrix(narrow, exact, request, 'float32'),
          }),
      ...(bound && { truncationBound: (prepared: Prepared) => bound((prepared as WasmPrepared).selfs) }),
      dispose: () => {},
    };
  };
  return withLayerWeights(checkedWeights(program, options.layerWeights));
}

async function oneTile(kernel: MatrixKernel, reference: CompiledKernel, tile: Tile): Promise<readonly Float64Array[]> {
  const [x, y] = [tile.a as WasmPrepared, tile.b as WasmPrepared];
  const {
    aRows: [i0, i1],
    bRows: [j0, j1],
    symmetric,
  } = tile;
  const span = { i0, i1, j0, j1 };
  const width = j1 - j0;
  const { out, poisoned } = runTile(kernel, tile);
  if (poisoned)
    for (const [i, j] of pairs(span, symmetric)) {
      const at = (i - i0) * width + (j - j0);
      if (out.every((k) => Number.isFinite(k[at]))) continue;
      const values = await exactPair(reference, x, y, i, j);
      out.forEach((k, o) => {
        k[at] = values[o] as number;
      });
    }
  if (symmetric)
    for (let i = Math.max(i0, j0); i < Math.min(i1, j1); i++)
      out.forEach((k, o) => {
        k[(i - i0) * width + (i - j0)] = x.diagonal[o]?.[i] as number;
      });
  return out;
}

async function rowsOfMatrix(
  kernel: MatrixKernel,
  reference: CompiledKernel,
  request: MatrixRequest,
): Promise<Float64Array> {
  const { symmetric, output } = request;
  const [a, b] = [request.a as WasmPrepared, request.b as WasmPrepared];
  const { data, span, poisoned } = await fillMatrix(kernel, request, 'float64');
  const set = (i: number, j: number, value: number | undefined) => {
    if (!Number.isFinite(value)) throw nonFinite(value, i, j, 'wasm');
    data[(i - span.i0) * (span.j1 - span.j0) + j - span.j0] = value as number;
  };
  for (const tile of poisoned)
    for (const [i, j] of pairs(tile, symmetric)) {
      if (Number.isFinite(data[(i - span.i0) * (span.j1 - span.j0) + j - span.j0])) continue;
      const value = (await exactPair(reference, a, b, i, j))[output];
      set(i, j, value);
      if (symmetric && j < span.i1) set(j, i, value);
    }
  if (symmetric && span.j0 === span.i0)
    for (let i = span.i0; i < Math.min(span.i1, span.j1); i++) set(i, i, a.diagonal[output]?.[i]);
  return data;
}

/** What the reference kernel gives for one pair, each output: it knows more routes, and whom to blame. */
async function exactPair(
  reference: CompiledKernel,
  a: WasmPrepared,
  b: WasmPrepared,
  i: number,
  j: number,
): Promise<readonly number[]> {
  const pair = { a: a.selfs, aRows: [i, i + 1], b: b.selfs, bRows: [j, j + 1], symmetric: false } as const;
  return (await reference.tile(pair)).map((value) => value[0] as number);
}
