/** Steps that read or write the records of samples: contractions with their matrices, and what comes with them. */
import { cellAt } from './region.ts';
import type { PlacedStep, Placement, SpatialSchedule } from './shape.ts';

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
  { scratch, scratchColumns }: SpatialSchedule,
  product: Product,
): (v: Float64Array, records: Records) => void {
  const n = of.layout.extents[0] as number;
  const first = (array: Placement, from: number) => cellAt({ ...array, at: from + array.at }, [], []);
  const [transposed, result] = [scratch, scratch + scratchColumns ** 2];
  const rows = { at: result, step: scratchColumns };
  return (v, { x, y }) => {
    const [m, other] = inRecords ? [first(matrix, x), first(matrix, y)] : [first(matrix, 0), first(matrix, 0)];
    const step = 8 * matrix.layout.rowStep;
    transpose(v, { at: first(of, 0), step: of.layout.rowStep }, { at: transposed, step: scratchColumns }, n);
    product(8 * other, step, 8 * transposed, 8 * result, n);
    const cell = first(to, 0);
    if (to.layout.span === 'diagonal') {
      for (let p = 0; p < n; p++) {
        let sum = 0;
        for (let k = 0; k < n; k++)
          sum += (v[m + p * matrix.layout.rowStep + k] as number) * (v[result + p * scratchColumns + k] as number);
        v[cell + p] = sum;
      }
      return;
    }
    transpose(v, rows, { at: transposed, step: scratchColumns }, n);
    product(8 * m, step, 8 * transposed, 8 * result, n);
    for (let p = 0; p < n; p++)
      v.copyWithin(cell + p * to.layout.rowStep, result + p * scratchColumns, result + p * scratchColumns + n);
  };
}

interface Rows {
  readonly at: number;
  readonly step: number;
}

function transpose(v: Float64Array, from: Rows, to: Rows, n: number): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) v[to.at + j * to.step + i] = v[from.at + i * from.step + j] as number;
}
