/**
 * A kernel program as what a fused loop does: values of one sample computed once a sample, everything between the inner
 * product and the outputs as one lane program for a pair. No matrix is stored but the outputs.
 */
import type { LaneProgram } from '../../ir/loop/index.ts';
import { type PointStatement, type Program, pointStatements } from '../../ir/program/index.ts';
import { type PlannedLanes, type PlannedSeries, planLanes } from './lanes.ts';
import type { SampleValue } from './lower.ts';

export interface TilePlan {
  readonly program: Program;
  readonly row: readonly SampleValue[];
  readonly column: readonly SampleValue[];
  readonly series: readonly PlannedSeries[];
  /** The pair input `inner` is Σ_c x[c]·x'[c]; one result for each output of the program. */
  readonly lanes: LaneProgram;
  /** What to compute where the angle between two samples is near 0 or π, if rounding spoils it there. */
  readonly careful?: CarefulLanes;
}

export interface CarefulLanes {
  /** Beside `inner`, `gapBelow` and `gapAbove` are |x||x'| less and plus that. */
  readonly lanes: LaneProgram;
  /** Names of the row and column value |x|. */
  readonly norm: { readonly row: string; readonly column: string };
}

export function planTile(program: Program): TilePlan {
  const statements: readonly PointStatement[] = pointStatements(program, 'wasm');
  const plain = planLanes(program, statements, { careful: false });
  const careful = planLanes(program, statements, { careful: true });
  const both = careful.norm === undefined ? [plain] : [plain, careful];
  return {
    program,
    row: united(both, 'row'),
    column: united(both, 'column'),
    series: plain.series,
    lanes: plain.lanes,
    ...(careful.norm && { careful: { lanes: careful.lanes, norm: careful.norm } }),
  };
}

const united = (plans: readonly PlannedLanes[], place: 'row' | 'column'): readonly SampleValue[] => [
  ...new Map(plans.flatMap((plan) => plan[place].map((value) => [value.name, value] as const))).values(),
];
