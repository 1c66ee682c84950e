/** What happens to whole arrays between passes, in JavaScript: pools, sums over tables, numbers. */
import { matrixRows, shifts } from '../../../../ir/program/spatialValue.ts';
import { cellAt, eachLeading, type Region } from './region.ts';
import { cellsOf, type Layout, type PlacedStep, type Placement } from './shape.ts';

/** Where a step on cells (p, p') is, and whether (p', p) is the same and not visited. */
export interface StepContext {
  readonly region: Region;
  readonly isZero: boolean;
  readonly isMirrored: boolean;
}

export type RunStep = (v: Float64Array, context: StepContext) => void;

/** A step as a function of memory; tables are made once. */
export function stepFunction(step: PlacedStep): RunStep {
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

type Linear = Extract<PlacedStep, { kind: 'linear' }>;
/** Outputs that read a position, with weights. */
type Readers = readonly (readonly (readonly [out: number, weight: number])[])[];

const readersOf = (axis: Linear['axes'][number], count: number): Readers =>
  Array.from({ length: count }, (_, p) =>
    axis.flatMap(({ from, weights }, out) => {
      const w = weights[p - from];
      return w === undefined || w === 0 ? [] : [[out, w] as const];
    }),
  );

/** Adds what the cells of one difference contribute: the lanes' matrices first, then a slab for each output of the others. */
function linear({ of, to, axes }: Linear): RunStep {
  const readers = axes.map((axis, a) => readersOf(axis, of.layout.extents[a] as number));
  const leading = readers.slice(0, -1);
  const ofLanes = readers.at(-1) as Readers;
  const width = lastOf(of.layout);
  const out = lastOf(to.layout);
  const half = new Float64Array(width * out);
  const slab = new Float64Array(out * out);
  const contributions = (p: readonly number[]) =>
    p.reduce<readonly (readonly [at: readonly number[], weight: number])[]>(
      (list, position, axis) =>
        list.flatMap(([at, w]) => (leading[axis]?.[position] ?? []).map(([o, u]) => [[...at, o], w * u] as const)),
      [[[], 1]],
    );
  return (v, { region, isMirrored, isZero }) => {
    eachLeading(region, (p, other) => {
      const [here, there] = [contributions(p), contributions(other)];
      if (here.length === 0 || there.length === 0) return;
      slabOf(v, cellAt(of, p, other, region.low), of.layout.rowStep, ofLanes, { width, out, half, slab });
      for (const [a, w] of here)
        for (const [b, u] of there) {
          add(v, to, a, b, w * u, slab, false);
          if (isMirrored && !isZero) add(v, to, b, a, w * u, slab, true);
        }
    });
  };
}

interface Slab {
  readonly width: number;
  readonly out: number;
  readonly half: Float64Array;
  readonly slab: Float64Array;
}

/** slab[o o'] = Σ_{w w'} A[o w] A[o' w'] v[w w'] */
function slabOf(
  v: Float64Array,
  from: number,
  rowStep: number,
  readers: Readers,
  { width, out, half, slab }: Slab,
): void {
  half.fill(0);
  slab.fill(0);
  for (let r = 0; r < width; r++)
    for (const [o, weight] of readers[r] as Readers[number])
      for (let w = 0; w < width; w++)
        half[w * out + o] = (half[w * out + o] as number) + weight * (v[from + w * rowStep + r] as number);
  for (let w = 0; w < width; w++)
    for (const [o, weight] of readers[w] as Readers[number])
      for (let r = 0; r < out; r++)
        slab[o * out + r] = (slab[o * out + r] as number) + weight * (half[w * out + r] as number);
}

/** Adds a slab at (P, P'); of an array over P alone, where they are the same. */
function add(
  v: Float64Array,
  to: Placement,
  p: readonly number[],
  other: readonly number[],
  weight: number,
  slab: Float64Array,
  isTransposed: boolean,
): void {
  const { layout } = to;
  const n = lastOf(layout);
  const isFlat = layout.span === 'diagonal';
  if (isFlat && p.some((k, axis) => k !== other[axis])) return;
  const zeros = p.map(() => 0);
  const cell = cellAt(to, p, other, zeros);
  for (let o = 0; o < n; o++) {
    if (isFlat) {
      v[cell + o] = (v[cell + o] as number) + weight * (slab[o * n + o] as number);
      continue;
    }
    for (let r = 0; r < n; r++) {
      const at = cell + o * layout.rowStep + r;
      v[at] = (v[at] as number) + weight * (slab[isTransposed ? r * n + o : o * n + r] as number);
    }
  }
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
