/**
 * A planned tile as one WebAssembly module: inner products of 4 rows and a chunk of columns at a time into a scratch that
 * stays in the cache, and every step after them fused, a chunk of columns of one row at a time.
 *
 * The memory a call reads and writes (r rows, a whole number of 4; c chunks of w columns: 8 of float64, 16 of float32):
 *   x[r][d]  rows of inputs, d = paddedFeatures     xr[r][v]     their row values
 *   y[c][d][w]  columns of inputs                   yr[c][v][w]  their column values
 *   for each series, P coefficients from the highest power down: xs[r][P], ys[c][P][w]
 *   out[k][r][c·w]  the outputs
 */
import type { TilePlan } from '../../plan/index.ts';
import type { Variable, WasmModule } from './assembler/index.ts';
import type { Element } from './element.ts';
import { ConstantPool } from './lanes.ts';
import { Locals } from './locals.ts';
import { tablesOffset } from './rowWriter.ts';
import { termsTable, termsTableBytes } from './series.ts';
import { helperFunctions, TileWriter } from './tileWriter.ts';

/** Tables of the series one after another, as bytes. */
function joined(tables: readonly Int32Array[], length: number): Uint8Array {
  const all = new Int32Array(length / 4);
  all.set(tables.flatMap((t) => [...t]));
  return new Uint8Array(all.buffer);
}

export interface TileModule {
  readonly module: WasmModule;
  /** Where the caller's data may begin. */
  readonly heapOffset: number;
}

/**
 * tile(rows, chunks, shift, x, xr, y, yr, out, outBytes, then for each series its xs, ys and P) fills out and returns a
 * number that is NaN where any of it is NaN or infinite. `shift` is (index of the first row) − (index of the first column)
 * where the tile is of a symmetric matrix: chunks wholly below the diagonal are then skipped; else a large negative number.
 */
export function tileModule(
  plan: TilePlan,
  options: { readonly relaxed: boolean; readonly element: Element; readonly head: readonly string[] },
): TileModule {
  const { relaxed, element } = options;
  const names = ['rows', 'chunks', 'shift', 'x', 'xr', 'y', 'yr', 'out', 'outBytes'];
  const seriesNames = plan.series.flatMap((_, s) => [`xs${s}`, `ys${s}`, `degree${s}`]);
  const parameters = [...names, ...seriesNames].map((name): Variable => ({ name, type: 'i32' }));
  const locals = new Locals(parameters);
  const tables = plan.series.map((t) => termsTable(t.tolerance));
  const tableBytes = Math.ceil((tables.length * termsTableBytes) / 8) * 8;
  const offset = tablesOffset(plan);
  const constants = new ConstantPool(offset + tableBytes, element);
  const body = new TileWriter(plan, { relaxed, element }, locals, constants).body();
  const bytes = Uint8Array.from([...joined(tables, tableBytes), ...constants.bytes()]);
  const module: WasmModule = {
    head: options.head,
    memory: { minimumPages: 1, maximumPages: 65536, shared: false },
    functions: [
      { name: 'tile', parameters, results: ['f64'], locals: locals.declared, body },
      ...helperFunctions(plan, { relaxed, element }),
    ],
    data: { offset, bytes },
  };
  const heapOffset = Math.ceil((offset + bytes.length) / 64) * 64;
  return { module, heapOffset };
}
