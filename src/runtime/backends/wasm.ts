import { planTile } from '../../codegen/plan/index.ts';
import { loadableTile } from '../../codegen/targets/wasm/index.ts';
import type { Program } from '../../ir/program/index.ts';
import type { CompiledKernel, Inputs, LoadOptions, Prepared, Tile } from '../kernel.ts';
import { checkedWeights } from '../layerWeights.ts';
import { loadReference } from './reference.ts';
import { type RunResult, type Span, TileEngine } from './wasm/engine.ts';
import { panelsOf, prepareInputs, type SelfValues, type WasmPrepared } from './wasm/panels.ts';

/** The fused float64 target: one WebAssembly SIMD kernel for the whole network, tile by tile. */
export function loadWasm(program: Program, options: LoadOptions = {}): CompiledKernel {
  const plan = planTile(program);
  const { bytes, shape } = loadableTile(plan);
  const engine = new TileEngine(new WebAssembly.Module(bytes), shape);
  const withLayerWeights = (layerWeights: readonly number[]): CompiledKernel => {
    const reference = loadReference(program, { ...(program.weights.length > 0 && { layerWeights }) });
    const prepare = async (inputs: Inputs): Promise<WasmPrepared> =>
      prepareInputs(plan, inputs, (await reference.prepare(inputs)) as SelfValues, layerWeights);
    const bound = reference.truncationBound;
    return {
      program,
      target: 'wasm',
      dtype: 'float64',
      layerWeights,
      withLayerWeights: (weights) => withLayerWeights(checkedWeights(program, weights)),
      prepare,
      tile: async (tile) => {
        const [a, b] = [tile.a as WasmPrepared, tile.b as WasmPrepared];
        return oneTile(engine, reference, panelsOf(plan, shape, a, b, tile.symmetric), { ...tile, a, b });
      },
      ...(bound && { truncationBound: (prepared: Prepared) => bound((prepared as WasmPrepared).selfs) }),
      dispose: () => {},
    };
  };
  return withLayerWeights(checkedWeights(program, options.layerWeights));
}

interface WasmTile extends Tile {
  readonly a: WasmPrepared;
  readonly b: WasmPrepared;
}

async function oneTile(
  engine: TileEngine,
  reference: CompiledKernel,
  panels: Parameters<TileEngine['run']>[0],
  tile: WasmTile,
): Promise<readonly Float64Array[]> {
  const [i0, i1] = tile.aRows;
  const [j0, j1] = tile.bRows;
  const width = j1 - j0;
  const out = tile.a.diagonal.map(() => new Float64Array((i1 - i0) * width));
  let poisoned = false;
  engine.run(panels, { i0, i1, j0, j1 }, (result) => {
    poisoned ||= result.poisoned;
    copyOut(result, { i0, i1, j0, j1 }, tile.symmetric, out);
  });
  if (poisoned) await repair(reference, tile, out);
  if (tile.symmetric)
    for (let i = Math.max(i0, j0); i < Math.min(i1, j1); i++)
      out.forEach((k, o) => {
        k[(i - i0) * width + (i - j0)] = tile.a.diagonal[o]?.[i] as number;
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

/** Pairs that came out as NaN are computed by the reference kernel: it knows more routes, and whom to blame. */
async function repair(reference: CompiledKernel, tile: WasmTile, out: readonly Float64Array[]): Promise<void> {
  const [i0, i1] = tile.aRows;
  const [j0, j1] = tile.bRows;
  for (let i = i0; i < i1; i++)
    for (let j = tile.symmetric ? Math.max(j0, i + 1) : j0; j < j1; j++) {
      const at = (i - i0) * (j1 - j0) + (j - j0);
      if (out.every((k) => Number.isFinite(k[at]))) continue;
      const pair = {
        a: tile.a.selfs,
        aRows: [i, i + 1],
        b: tile.b.selfs,
        bRows: [j, j + 1],
        symmetric: false,
      } as const;
      (await reference.tile(pair)).forEach((value, o) => {
        (out[o] as Float64Array)[at] = value[0] as number;
      });
    }
}
