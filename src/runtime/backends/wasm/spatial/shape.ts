/** What a thread needs to know of a spatial kernel: plain data. */
import type { Layout } from '../../../../codegen/plan/spatial/index.ts';

export type { Layout } from '../../../../codegen/plan/spatial/index.ts';
export type {
  GivenArray,
  PassCall,
  PlacedStep,
  Placement,
  ScheduledRoutine,
  ScheduledSeries,
  ScheduledStage,
  ScheduledStep,
  ScheduledSweep,
  ScheduledTable,
  SpatialSchedule,
} from '../../../../codegen/targets/wasm/spatial/index.ts';

/** Where the positions of a layout of span 'diagonal' are, row-major, from the start of its array. */
export function cellsOf({ extents, origin, steps }: Layout): Int32Array {
  const count = extents.reduce((product, n) => product * n, 1);
  return Int32Array.from({ length: count }, (_, position) => {
    let rest = position;
    let cell = origin;
    for (let axis = extents.length - 1; axis >= 0; axis--) {
      const n = extents[axis] as number;
      cell += (rest % n) * (steps[axis]?.[0] ?? 1);
      rest = Math.floor(rest / n);
    }
    return cell;
  });
}

/**
 * Where pairs of positions of a kept array are: (p, p') is at the start of the array plus rows[p] plus columns[p'], both
 * row-major.
 */
export function cellsOfPairs({ extents, origin, steps, rowStep }: Layout): {
  readonly rows: Int32Array;
  readonly columns: Int32Array;
} {
  const of = (side: 0 | 1, ofLanes: number, first: number) =>
    Int32Array.from(
      extents.reduce<readonly number[]>(
        (cells, count, axis) =>
          cells.flatMap((at) =>
            Array.from(
              { length: count },
              (_, k) => at + k * (axis === extents.length - 1 ? ofLanes : (steps[axis]?.[side] ?? 0)),
            ),
          ),
        [first],
      ),
    );
  return { rows: of(0, rowStep, origin), columns: of(1, 1, 0) };
}
