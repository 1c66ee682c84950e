/** How values with positions lie in memory, with borders of zeros so that a shift is a load from another address. */
import type { Grid } from '../../../ir/program/index.ts';

/**
 * An array of cells, float64. Axes but the last are leading; the last one's positions are lanes, next to each other.
 * - span 'diagonal': [leading...][lane], one cell for each p = p'
 * - span 'all': [leading...][w][lane], the cells (p, p') of one difference p' - p along each leading axis, counted from the
 *   first p that has one; w and lane are the last axis of p and of p'
 * - kept: [p p' of each leading axis in turn][w][lane], all (p, p')
 * What an axis reads beyond its ends are zeros between its rows, shared by the row before and the row after.
 */
export interface Layout {
  readonly extents: readonly number[];
  readonly span: Grid['span'];
  readonly kept: boolean;
  /** Zeros after (and, shared, before) the positions of each axis. */
  readonly border: readonly number[];
  /** Numbers between neighbours along each leading axis, of p and of p'; equal halves of one step where not kept. */
  readonly steps: readonly (readonly [ofP: number, ofOther: number])[];
  /** Numbers between the rows w of an array of span 'all'. */
  readonly rowStep: number;
  /** Where the first cell is, and how many numbers there are. */
  readonly origin: number;
  readonly size: number;
}

export const layoutKey = ({ extents, span, kept }: Pick<Layout, 'extents' | 'span' | 'kept'>): string =>
  `${extents.join('x')} ${span}${kept ? ' kept' : ''}`;

/** `border`: how far before and after the positions of each axis something reads. */
export function layoutOf(
  extents: readonly number[],
  span: Grid['span'],
  kept: boolean,
  border: readonly number[],
): Layout {
  const last = extents.length - 1;
  const width = (axis: number) => (extents[axis] as number) + (border[axis] as number);
  const rowStep = span === 'all' ? width(last) : 0;
  let step = span === 'all' ? width(last) ** 2 : width(last);
  const steps: (readonly [number, number])[] = [];
  for (let axis = last - 1; axis >= 0; axis--) {
    if (kept) {
      steps.unshift([step * width(axis), step]);
      step *= width(axis) ** 2;
    } else {
      steps.unshift([step, 0]);
      step *= width(axis);
    }
  }
  const before = steps.reduce((sum, [a, b], axis) => sum + (a + b) * (border[axis] as number), 0);
  const origin = before + (rowStep + 1) * (border[last] as number);
  return { extents, span, kept, border, steps, rowStep, origin, size: 2 * origin + step + 2 };
}

/** Numbers between neighbours along a leading axis, both p and p' moving. */
export const stepOf = ({ steps }: Layout, axis: number): number => (steps[axis]?.[0] ?? 0) + (steps[axis]?.[1] ?? 0);
