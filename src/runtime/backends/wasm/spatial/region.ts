/** The part of a grid that one difference p' - p visits, and where its cells are. */
import type { Layout, Placement, ScheduledSweep } from './shape.ts';

export interface Region {
  /** Positions along each leading axis. */
  readonly rows: readonly number[];
  /** The first p, and the first p', along each leading axis. */
  readonly low: readonly number[];
  readonly lowOther: readonly number[];
  readonly isEmpty: boolean;
}

export interface Difference {
  /** One for each grid of the sweep, in its order. */
  readonly regions: readonly Region[];
  /** p = p' along the leading axes. */
  readonly isZero: boolean;
}

/** Where a step on cells (p, p') is, and whether (p', p) is the same and not visited. */
export interface StepContext {
  readonly region: Region;
  readonly isZero: boolean;
  readonly isMirrored: boolean;
}

export type RunStep = (v: Float64Array, context: StepContext) => void;

/** The differences of a sweep; where x = x' one of δ and -δ. */
export function differencesOf({ extents, isHalf, grids }: ScheduledSweep): readonly Difference[] {
  const all = extents.reduce<readonly (readonly number[])[]>(
    (list, n) => list.flatMap((d) => Array.from({ length: 2 * n - 1 }, (_, k) => [...d, k - (n - 1)])),
    [[]],
  );
  const wanted = isHalf ? all.filter((d) => (d.find((k) => k !== 0) ?? 0) >= 0) : all;
  return wanted.map((difference) => ({
    isZero: difference.every((k) => k === 0),
    regions: grids.map(({ layout, factors }) => regionOf(layout, difference, factors)),
  }));
}

function regionOf({ extents }: Layout, difference: readonly number[], factors: readonly number[]): Region {
  const by = difference.map((d, axis) => d * (factors[axis] as number));
  const rows = by.map((d, axis) => Math.max(0, (extents[axis] as number) - Math.abs(d)));
  return {
    rows,
    low: by.map((d) => Math.max(0, -d)),
    lowOther: by.map((d) => Math.max(0, d)),
    isEmpty: rows.some((n) => n === 0),
  };
}

/** All of a grid, p = p'. */
export const wholeRegion = ({ extents }: Layout): Region => {
  const zeros = extents.slice(0, -1).map(() => 0);
  return { rows: extents.slice(0, -1), low: zeros, lowOther: zeros, isEmpty: false };
};

/**
 * Where the cell of these leading p and p' is, the lanes at 0. An array that is not kept begins at the first p of its region,
 * `low`; one of span 'diagonal' has p alone.
 */
export function cellAt(
  { at, layout }: Placement,
  p: readonly number[],
  other: readonly number[],
  low?: readonly number[],
): number {
  const { steps, kept } = layout;
  let cell = at + layout.origin;
  for (let axis = 0; axis < steps.length; axis++) {
    const [ofP, ofOther] = steps[axis] as readonly [number, number];
    const here = p[axis] as number;
    cell += kept ? ofP * here + ofOther * (other[axis] as number) : ofP * (here - (low?.[axis] ?? 0));
  }
  return cell;
}

/** Calls back with the leading p and p' of each cell of a region. */
export function eachLeading(
  { rows, low, lowOther, isEmpty }: Region,
  visit: (p: readonly number[], other: readonly number[]) => void,
): void {
  if (isEmpty) return;
  const count = rows.reduce((product, n) => product * n, 1);
  const p = [...low];
  const other = [...lowOther];
  for (let k = 0; k < count; k++) {
    let rest = k;
    for (let axis = rows.length - 1; axis >= 0; axis--) {
      const n = rows[axis] as number;
      p[axis] = (low[axis] as number) + (rest % n);
      other[axis] = (lowOther[axis] as number) + (rest % n);
      rest = Math.floor(rest / n);
    }
    visit(p, other);
  }
}

/** Numbers from the first cell of a kept array to the first of a region. */
export const fromFirst = ({ steps }: Layout, { low, lowOther }: Region): number =>
  steps.reduce(
    (sum, [ofP, ofOther], axis) => sum + ofP * (low[axis] as number) + ofOther * (lowOther[axis] as number),
    0,
  );

/** Zeros after the rows of a region, where a window may reach; cells of other differences may be there. */
export function clearBeyond(v: Float64Array, { at, layout }: Placement, { rows }: Region): void {
  const [border = 0] = layout.border;
  const end = at + layout.size;
  if (rows.length === 0) return;
  if (rows.length > 1) {
    v.fill(0, at, end);
    return;
  }
  const step = layout.steps[0]?.[0] ?? 0;
  const from = at + layout.origin + (rows[0] as number) * step;
  v.fill(0, Math.min(from, end), Math.min(from + border * step, end));
}
