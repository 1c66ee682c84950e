/** What happens to whole arrays between passes, in JavaScript: pools, sums over tables, numbers. */
import { matrixRows, shifts } from '../../../../ir/program/spatialValue.ts';
import type { FormulaStep } from './formulas.ts';
import { linear } from './linear.ts';
import type { RecordStep } from './records.ts';
import { cellAt, eachLeading, type RunStep, type StepContext } from './region.ts';
import { cellsOf, cellsOfPairs, type Layout, type PlacedStep, type Placement } from './shape.ts';

/** A step as a function of memory; tables are made once. */
export function stepFunction(step: Exclude<PlacedStep, RecordStep | FormulaStep>): RunStep {
  switch (step.kind) {
    case 'fix':
      return (v, context) => copyDiagonal(v, step.self, step.of, context);
    case 'onlyDiagonal':
      return (v, context) => copyDiagonal(v, step.of, step.to, context);
    case 'copy':
      return (v, context) => copy(v, step.of, step.to, context);
    case 'sum':
      return (v, context) => {
        v[step.to] = (v[step.to] as number) + sumOf(v, step.of, step.over, context);
      };
    case 'average': {
      const rows = matrixRows(step.axes, step.to.layout.extents, step.of.layout.extents);
      const [from, to] = [cellsOf(step.of.layout), cellsOf(step.to.layout)];
      return (v) =>
        rows.forEach((row, out) => {
          let sum = 0;
          for (const [p, w] of row) sum += w * (v[step.of.at + (from[p] as number)] as number);
          v[step.to.at + (to[out] as number)] = sum;
        });
    }
    case 'linear':
      return linear(step);
    case 'softmax':
      return softmax(step);
    case 'gather':
      return step.of.layout.span === 'diagonal' ? gatherFlat(step) : gather(step);
  }
}

const lastOf = ({ extents }: Layout): number => extents.at(-1) as number;

/** Cells p = p' of one array to those of another. */
function copyDiagonal(v: Float64Array, of: Placement, to: Placement, { region, isZero }: StepContext): void {
  if (!isZero) return;
  const step = ({ layout }: Placement) => (layout.span === 'all' ? layout.rowStep + 1 : 1);
  eachLeading(region, (p) => {
    const [from, cell] = [cellAt(of, p, p, region.low), cellAt(to, p, p, region.low)];
    for (let w = 0; w < lastOf(of.layout); w++) v[cell + w * step(to)] = v[from + w * step(of)] as number;
  });
}

function copy(v: Float64Array, of: Placement, to: Placement, { region, isMirrored, isZero }: StepContext): void {
  const width = lastOf(of.layout);
  eachLeading(region, (p, other) => {
    const from = cellAt(of, p, other, region.low);
    const cell = cellAt(to, p, other, region.low);
    for (let w = 0; w < width; w++) {
      const row = from + w * of.layout.rowStep;
      v.copyWithin(cell + w * to.layout.rowStep, row, row + width);
    }
    if (!isMirrored || isZero) return;
    const back = cellAt(to, other, p, region.low);
    for (let w = 0; w < width; w++)
      for (let r = 0; r < width; r++)
        v[back + r * to.layout.rowStep + w] = v[from + w * of.layout.rowStep + r] as number;
  });
}

function sumOf(v: Float64Array, of: Placement, over: 'diagonal' | 'all', context: StepContext): number {
  const { region, isZero, isMirrored } = context;
  const { layout } = of;
  const width = lastOf(layout);
  let sum = 0;
  const row = (from: number, step: number) => {
    for (let w = 0; w < width; w++) sum += v[from + w * step] as number;
  };
  if (layout.span === 'all' && over === 'diagonal' && !isZero) return 0;
  eachLeading(region, (p, other) => {
    const cell = cellAt(of, p, other, region.low);
    if (layout.span === 'diagonal') row(cell, 1);
    else if (over === 'diagonal') row(cell, layout.rowStep + 1);
    else for (let w = 0; w < width; w++) row(cell + w * layout.rowStep, 1);
  });
  return isMirrored && !isZero && over === 'all' && layout.span === 'all' ? 2 * sum : sum;
}

/** out[p p'] = e^{of[p p']} / Σ_r e^{of[p r]} */
function softmax({ of, to }: Extract<PlacedStep, { kind: 'softmax' }>): RunStep {
  const { rows, columns } = cellsOfPairs(of.layout); // the same for both
  return (v) => {
    for (const row of rows) {
      let top = Number.NEGATIVE_INFINITY;
      for (const r of columns) top = Math.max(top, v[of.at + row + r] as number);
      let sum = 0;
      for (const r of columns) sum += Math.exp((v[of.at + row + r] as number) - top);
      for (const r of columns) v[to.at + row + r] = Math.exp((v[of.at + row + r] as number) - top) / sum;
    }
  };
}

type Gather = Extract<PlacedStep, { kind: 'gather' }>;

/** Over p alone, by tables of positions. */
function gatherFlat({ of, to, scale, axes }: Gather): RunStep {
  const [from, out] = [cellsOf(of.layout), cellsOf(to.layout)];
  const tables = shifts(axes, to.layout.extents, of.layout.extents);
  return (v) => {
    for (let p = 0; p < out.length; p++) {
      let sum = 0;
      for (const table of tables) {
        const read = table[p] as number;
        if (read >= 0) sum += v[of.at + (from[read] as number)] as number;
      }
      v[to.at + (out[p] as number)] = scale * sum;
    }
  };
}

/** Over all (p, p'): the leading axes' sums of slabs, then the lanes'. */
function gather({ of, to, scale, axes }: Gather): RunStep {
  const leading = axes.slice(0, -1);
  const lanes = axes.at(-1) as Gather['axes'][number];
  const outer = to.layout.extents.slice(0, -1);
  const offsets = shifts(leading, outer, of.layout.extents.slice(0, -1));
  const from = leadingCells(of.layout);
  const [width, out] = [lastOf(of.layout), lastOf(to.layout)];
  const sum = new Float64Array(width * width);
  const positions = leadingCells(to.layout);
  return (v) =>
    positions.ofP.forEach((a, p) => {
      positions.ofOther.forEach((b, r) => {
        sum.fill(0);
        for (const table of offsets) {
          const [i, j] = [table[p] as number, table[r] as number];
          if (i < 0 || j < 0) continue;
          const cell = of.at + of.layout.origin + (from.ofP[i] as number) + (from.ofOther[j] as number);
          for (let w = 0; w < width; w++)
            for (let c = 0; c < width; c++)
              sum[w * width + c] = (sum[w * width + c] as number) + (v[cell + w * of.layout.rowStep + c] as number);
        }
        const cell = to.at + to.layout.origin + a + b;
        for (let w = 0; w < out; w++)
          for (let c = 0; c < out; c++) {
            let total = 0;
            for (const table of lanes) {
              const [i, j] = [table[w] as number, table[c] as number];
              if (i >= 0 && j >= 0) total += sum[i * width + j] as number;
            }
            v[cell + w * to.layout.rowStep + c] = scale * total;
          }
      });
    });
}

/** Offsets of the leading positions of a kept array, row-major, of p and of p'. */
function leadingCells({ extents, steps }: Layout): {
  readonly ofP: readonly number[];
  readonly ofOther: readonly number[];
} {
  const of = (side: 0 | 1) =>
    extents
      .slice(0, -1)
      .reduce<readonly number[]>(
        (list, n, axis) =>
          list.flatMap((at) => Array.from({ length: n }, (_, k) => at + k * (steps[axis]?.[side] ?? 0))),
        [0],
      );
  return { ofP: of(0), ofOther: of(1) };
}
