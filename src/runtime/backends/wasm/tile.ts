/** One block of a Gram matrix on the calling thread, every output. */
import type { Tile } from '../../kernel.ts';
import type { RunResult, Span } from './engine.ts';
import type { MatrixKernel } from './matrix.ts';
import { panelsOf, type WasmPrepared } from './panels.ts';

export interface RunTile {
  /** Row-major [aRows, bRows], each output; where symmetric only what is above the diagonal. */
  readonly out: readonly Float64Array[];
  /** Some value is NaN or infinite. */
  readonly poisoned: boolean;
}

export function runTile(
  { engine, plan, shape }: Pick<MatrixKernel, 'engine' | 'plan' | 'shape'>,
  { a, b, aRows: [i0, i1], bRows: [j0, j1], symmetric }: Tile,
): RunTile {
  const [x, y] = [a as WasmPrepared, b as WasmPrepared];
  const span = { i0, i1, j0, j1 };
  const out = x.diagonal.map(() => new Float64Array((i1 - i0) * (j1 - j0)));
  let poisoned = false;
  engine.run(panelsOf(plan, shape, x, y, symmetric), span, (result) => {
    poisoned ||= result.poisoned;
    copyOut(result, span, symmetric, out);
  });
  return { out, poisoned };
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

/** Pairs of a span, of a symmetric one those above the diagonal. */
export function* pairs({ i0, i1, j0, j1 }: Span, symmetric: boolean): Generator<readonly [number, number]> {
  for (let i = i0; i < i1; i++) for (let j = symmetric ? Math.max(j0, i + 1) : j0; j < j1; j++) yield [i, j];
}
