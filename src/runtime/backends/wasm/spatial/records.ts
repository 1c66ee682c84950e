/** Steps that read or write the records of samples: contractions with their matrices, and what comes with them. */
import { cellsOf, cellsOfPairs, type PlacedStep, type SpatialSchedule } from './shape.ts';

/** Where the records of both samples begin, in float64 numbers. */
export interface Records {
  readonly x: number;
  readonly y: number;
}

export type RecordStep = Extract<PlacedStep, { kind: 'contract' | 'given' | 'record' }>;
export const isRecordStep = (step: { readonly kind: string }): step is RecordStep =>
  step.kind === 'contract' || step.kind === 'given' || step.kind === 'record';

/** The function `product` of the module: src/codegen/targets/wasm/spatial/product.ts. */
export type Product = (a: number, aStep: number, b: number, out: number, n: number) => void;

export function recordStepFunction(
  step: RecordStep,
  schedule: SpatialSchedule,
  product: Product,
): (v: Float64Array, records: Records) => void {
  switch (step.kind) {
    case 'given': {
      const { to, from } = step;
      return (v, { x }) => void v.copyWithin(to.at, x + from, x + from + to.layout.size);
    }
    case 'record': {
      const { of, to } = step;
      return (v, { x }) => void v.copyWithin(x + to, of.at, of.at + of.layout.size);
    }
    case 'contract':
      return contract(step, schedule, product);
  }
}

/**
 * M K M'ᵀ as M (M' Kᵀ)ᵀ: the matrices of samples, which may be sparse, stand on the left. Over p alone,
 * Σ_k M[p k] (M' Kᵀ)[p k].
 */
function contract(
  { of, to, matrix, inRecords }: Extract<RecordStep, { kind: 'contract' }>,
  { scratch, scratchColumns: columns }: SpatialSchedule,
  product: Product,
): (v: Float64Array, records: Records) => void {
  const [left, right, result] = [0, 1, 2].map((k) => scratch + k * columns ** 2) as [number, number, number];
  const { rows, columns: others } = cellsOfPairs(of.layout);
  const n = rows.length;
  const multiples = (step: number) => Int32Array.from({ length: n }, (_, p) => p * step);
  const plain = (at: number): Cells => ({ at, rows: multiples(columns), columns: multiples(1) });
  const matrixCells = cellsOfPairs(matrix.layout);
  const [leftCells, rightCells, resultCells] = [plain(left), plain(right), plain(result)];
  const target = to.layout.span === 'diagonal' ? undefined : cellsOfPairs(to.layout);
  const flat = target === undefined ? cellsOf(to.layout) : undefined;
  const multiply = () => product(8 * left, 8 * columns, 8 * right, 8 * result, n);
  return (v, { x, y }) => {
    const [m, other] = inRecords ? [x + matrix.at, y + matrix.at] : [matrix.at, matrix.at];
    copy(v, { at: other, ...matrixCells }, leftCells);
    copy(v, { at: of.at, rows: others, columns: rows }, rightCells); // transposed
    multiply();
    copy(v, { at: m, ...matrixCells }, leftCells);
    if (flat !== undefined) {
      for (let p = 0; p < n; p++)
        v[to.at + (flat[p] as number)] = rowsProduct(v, left + p * columns, result + p * columns, n);
      return;
    }
    copy(v, { at: result, rows: resultCells.columns, columns: resultCells.rows }, rightCells);
    multiply();
    copy(v, resultCells, { at: to.at, ...(target as Pick<Cells, 'rows' | 'columns'>) });
  };
}

/** A matrix in memory: entry (p, p') is at + rows[p] + columns[p']. */
interface Cells {
  readonly at: number;
  readonly rows: Int32Array;
  readonly columns: Int32Array;
}

function copy(v: Float64Array, from: Cells, to: Cells): void {
  const n = from.rows.length;
  const isByRows = isContiguous(from.columns) && isContiguous(to.columns);
  for (let p = 0; p < n; p++) {
    const [read, write] = [from.at + (from.rows[p] as number), to.at + (to.rows[p] as number)];
    if (isByRows) v.copyWithin(write, read, read + n);
    else
      for (let r = 0; r < n; r++)
        v[write + (to.columns[r] as number)] = v[read + (from.columns[r] as number)] as number;
  }
}

/** Columns ascend, so the first and the last tell. */
const isContiguous = (columns: Int32Array): boolean => columns[0] === 0 && columns.at(-1) === columns.length - 1;

function rowsProduct(v: Float64Array, a: number, b: number, n: number): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += (v[a + k] as number) * (v[b + k] as number);
  return sum;
}
