/** What the statements that look at several positions mean, number by number: the plainest loops there are. */
import type { MovingStatement } from './program.ts';
import { type Grid, type LinearAxis, positionsOf, type ShiftAxis } from './spatial.ts';

/** A value of a statement: one number, one a position, or one a pair of positions, as its grid says. */
export interface Value {
  readonly grid?: Grid;
  readonly data: Float64Array;
}

/** The number of a value at (p, p'); a value without positions is the same at all. */
export function at({ grid, data }: Value, p: number, r: number): number {
  if (grid === undefined) return data[0] as number;
  return data[grid.span === 'diagonal' ? p : p * positionsOf(grid.extents) + r] as number;
}

/** A value cell by cell. */
export function fill(grid: Grid | undefined, f: (p: number, r: number) => number): Value {
  if (grid === undefined) return { data: Float64Array.of(f(0, 0)) };
  const n = positionsOf(grid.extents);
  if (grid.span === 'diagonal') return { grid, data: Float64Array.from({ length: n }, (_, p) => f(p, p)) };
  return { grid, data: Float64Array.from({ length: n * n }, (_, i) => f(Math.floor(i / n), i % n)) };
}

/** Indices along each axis of a row-major position. */
function indices(extents: readonly number[], position: number): readonly number[] {
  const out: number[] = [];
  let rest = position;
  for (const n of [...extents].reverse()) {
    out.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return out;
}

export interface Operands {
  readonly of: Value;
  /** `contract`: the matrices of x and of x'. */
  readonly left?: Value | undefined;
  readonly right?: Value | undefined;
}

export function spatialValue(s: MovingStatement, { of, left, right }: Operands): Value {
  const from = of.grid?.extents ?? [];
  const count = positionsOf(from);
  switch (s.kind) {
    case 'shiftSum': {
      const reads = shifts(s.axes, s.grid?.extents ?? [], from);
      return fill(s.grid, (p, r) => {
        let sum = 0;
        for (const table of reads)
          if ((table[p] as number) >= 0 && (table[r] as number) >= 0)
            sum += at(of, table[p] as number, table[r] as number);
        return s.scale * sum;
      });
    }
    case 'linear': {
      const rows = matrixRows(s.axes, s.grid?.extents ?? [], from);
      return fill(s.grid, (p, r) => {
        let sum = 0;
        for (const [a, w] of rows[p] as Row) for (const [b, v] of rows[r] as Row) sum += w * v * at(of, a, b);
        return sum;
      });
    }
    case 'average': {
      const rows = matrixRows(s.axes, s.grid?.extents ?? [], from);
      return fill(s.grid, (p) => (rows[p] as Row).reduce((sum, [a, w]) => sum + w * at(of, a, a), 0));
    }
    case 'reduce': {
      let sum = 0;
      for (let p = 0; p < count; p++)
        if (s.over === 'diagonal') sum += at(of, p, p);
        else for (let r = 0; r < count; r++) sum += at(of, p, r);
      return { data: Float64Array.of(s.scale * sum) };
    }
    case 'onlyDiagonal':
      return fill(s.grid, (p, r) => (p === r ? at(of, p, p) : 0));
    case 'contract': {
      const [l, m] = [left as Value, right as Value];
      return fill(s.grid, (p, r) => {
        let sum = 0;
        for (let a = 0; a < count; a++) for (let b = 0; b < count; b++) sum += at(l, p, a) * at(of, a, b) * at(m, r, b);
        return sum;
      });
    }
    case 'softmax': {
      const row = (p: number) => Array.from({ length: count }, (_, r) => at(of, p, r));
      return fill(s.grid, (p, r) => {
        const top = Math.max(...row(p));
        return Math.exp(at(of, p, r) - top) / row(p).reduce((sum, v) => sum + Math.exp(v - top), 0);
      });
    }
  }
}

/** For each offset of the window, the position that each output position reads, or −1. */
export function shifts(
  axes: readonly ShiftAxis[],
  extents: readonly number[],
  from: readonly number[],
): readonly (readonly number[])[] {
  const offsets = axes.reduce<readonly (readonly number[])[]>(
    (all, axis) => all.flatMap((o) => axis.map((_, i) => [...o, i])),
    [[]],
  );
  const outputs = Array.from({ length: positionsOf(extents) }, (_, p) => indices(extents, p));
  return offsets.map((offset) =>
    outputs.map((output) =>
      output.reduce((position, index, axis) => {
        const read = axes[axis]?.[offset[axis] as number]?.[index] as number;
        return position < 0 || read < 0 ? -1 : position * (from[axis] as number) + read;
      }, 0),
    ),
  );
}

/** Positions and their weights. */
export type Row = readonly (readonly [number, number])[];

/** Rows of the product of the axes' matrices: for each output position what it reads, with weights. */
export function matrixRows(
  axes: readonly LinearAxis[],
  extents: readonly number[],
  from: readonly number[],
): readonly Row[] {
  return Array.from({ length: positionsOf(extents) }, (_, p) =>
    indices(extents, p).reduce<Row>(
      (row, index, axis) => {
        const { from: start, weights } = (axes[axis] as LinearAxis)[index] as LinearAxis[number];
        return row.flatMap(([position, w]) =>
          weights.map((v, i) => [position * (from[axis] as number) + start + i, w * v] as const),
        );
      },
      [[0, 1]],
    ),
  );
}
