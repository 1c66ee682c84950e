import { availableParallelism } from 'node:os';
import { planTile } from '../../codegen/plan/index.ts';
import { loadableTile } from '../../codegen/targets/wasm/index.ts';
import type { Program } from '../../ir/program/index.ts';
import type { CompiledKernel, Inputs, LoadOptions, MatrixRequest, Prepared, Tile } from '../kernel.ts';
import { checkedWeights } from '../layerWeights.ts';
import { nonFinite } from '../nonFinite.ts';
import { loadReference } from './reference.ts';
import { type RunResult, type Span, TileEngine } from './wasm/engine.ts';
import { fillMatrix, type MatrixKernel } from './wasm/matrix.ts';
import { panelsOf, prepareInputs, type WasmPrepared } from './wasm/panels.ts';
import { type SelfValues, selfValues } from './wasm/selfValues.ts';

let loaded = 0;

/**
 * The fused float64 target: one WebAssembly SIMD kernel for the whole network, on all cores. Pairs that it cannot do are
 * left as NaN and computed by the reference kernel: a series that does not converge, a sine of a huge argument.
 */
export function loadWasm(program: Program, options: LoadOptions = {}): CompiledKernel {
  const plan = planTile(program);
  const { bytes, shape } = loadableTile(plan);
  const expands = program.statements.some((s) => s.kind === 'expand');
  const module = new WebAssembly.Module(bytes);
  const threads = typeof SharedArrayBuffer === 'undefined' ? 1 : (options.threads ?? availableParallelism());
  const kernel: MatrixKernel = { id: loaded++, plan, module, shape, threads, engine: new TileEngine(module, shape) };
  const withLayerWeights = (layerWeights: readonly number[]): CompiledKernel => {
    const reference = loadReference(program, { ...(program.weights.length > 0 && { layerWeights }) });
    const bound = reference.truncationBound;
    return {
      program,
      target: 'wasm',
      dtype: 'float64',
      layerWeights,
      withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
      prepare: async (inputs: Inputs) => {
        // Code for maps is faster than walking them; expansions are faster here.
        const selfs = expands ? selfValues(program, inputs, layerWeights) : await reference.prepare(inputs);
        return prepareInputs(plan, inputs, selfs as SelfValues, layerWeights);
      },
      tile: (tile) => oneTile(kernel, reference, tile),
      matrix: (request) => rowsOfMatrix(kernel, reference, request),
      ...(bound && { truncationBound: (prepared: Prepared) => bound((prepared as WasmPrepared).selfs) }),
      dispose: () => {},
    };
  };
  return withLayerWeights(checkedWeights(program, options.layerWeights));
}

async function oneTile(
  { engine, plan, shape }: MatrixKernel,
  reference: CompiledKernel,
  { a, b, aRows: [i0, i1], bRows: [j0, j1], symmetric }: Tile,
): Promise<readonly Float64Array[]> {
  const [x, y] = [a as WasmPrepared, b as WasmPrepared];
  const span = { i0, i1, j0, j1 };
  const width = j1 - j0;
  const out = x.diagonal.map(() => new Float64Array((i1 - i0) * width));
  let poisoned = false;
  engine.run(panelsOf(plan, shape, x, y, symmetric), span, (result) => {
    poisoned ||= result.poisoned;
    copyOut(result, span, symmetric, out);
  });
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

/** The rows and columns of a result that belong to the span, into out[k] row-major; of a symmetric one what is above the diagonal. */
function copyOut(
  { data, stride, size, ...block }: RunResult,
  span: Span,
  symmetric: boolean,
  out: readonly Float64Array[],
): void {
  const width = span.j1 - span.j0;
  for (let i = Math.max(block.i0, span.i0); i < block.i1; i++)
    out.forEach((k, o) => {
      const from = Math.min(Math.max(block.j0, span.j0, symmetric ? i : 0), block.j1);
      const row = o * size + (i - block.i0) * stride;
      k.set(data.subarray(row + from - block.j0, row + block.j1 - block.j0), (i - span.i0) * width + from - span.j0);
    });
}

async function rowsOfMatrix(
  kernel: MatrixKernel,
  reference: CompiledKernel,
  request: MatrixRequest,
): Promise<Float64Array> {
  const { symmetric, output } = request;
  const [a, b] = [request.a as WasmPrepared, request.b as WasmPrepared];
  const { data, span, poisoned } = await fillMatrix(kernel, request);
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

/** Pairs of a span, of a symmetric one those above the diagonal. */
function* pairs({ i0, i1, j0, j1 }: Span, symmetric: boolean): Generator<readonly [number, number]> {
  for (let i = i0; i < i1; i++) for (let j = symmetric ? Math.max(j0, i + 1) : j0; j < j1; j++) yield [i, j];
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
