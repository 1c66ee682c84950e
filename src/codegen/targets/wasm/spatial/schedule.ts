/** What the driver of a spatial kernel does, as plain data: which function it calls when, and what is where in memory. */
import type { Layout, Step, Sweep } from '../../../plan/spatial/index.ts';

/** An array in memory: where it begins, in float64 numbers. */
export interface Placement {
  readonly at: number;
  readonly layout: Layout;
}

export interface PassCall {
  readonly kind: 'pass';
  readonly function: string;
  readonly layout: Layout;
  readonly sampleLayout: Layout;
  /** Layouts of kept arrays whose offset it is given. */
  readonly kept: readonly Layout[];
}

type Names = 'of' | 'to' | 'self' | 'matrix';
/**
 * A step with arrays in place of their names; of a sum, `to` is the address of the number. What is in a record counts from
 * its start.
 */
type Placed<S> = S extends { readonly kind: 'sum' }
  ? Omit<S, Names> & { readonly of: Placement; readonly to: number }
  : S extends { readonly kind: 'given' }
    ? Omit<S, Names> & { readonly to: Placement; readonly from: number }
    : S extends { readonly kind: 'record' }
      ? Omit<S, Names | 'as'> & { readonly of: Placement; readonly to: number }
      : Omit<S, Names> & { readonly [K in keyof S & Names]: Placement };
export type PlacedStep<S = Exclude<Step, { kind: 'pass' }>> = S extends { readonly kind: string } ? Placed<S> : never;
export type ScheduledStep = PassCall | PlacedStep;

export interface ScheduledSweep extends Omit<Sweep, 'arrays' | 'steps'> {
  readonly arrays: readonly Placement[];
  readonly steps: readonly ScheduledStep[];
}

export interface ScheduledStage {
  /** The body of a function of (v, x, y, out, erf): memory as float64, and where the records of both samples begin. */
  readonly numbers: string;
  readonly clearedArrays: readonly Placement[];
  readonly clearedNumbers: readonly number[];
  readonly flat: readonly ScheduledStep[];
  readonly sweeps: readonly ScheduledSweep[];
  readonly after: readonly ScheduledStep[];
  readonly scaled: readonly { readonly at: number; readonly by: number }[];
}

export interface ScheduledRoutine {
  readonly stages: readonly ScheduledStage[];
  /** Where the layer weights go, in order. */
  readonly weights: readonly number[];
  /** Likewise the body of a function: leaves the outputs, if any, in `out`. */
  readonly finish: string;
}

/** The pattern of a sample, or which positions it has. */
export interface GivenArray extends Placement {
  readonly name: 'pattern' | 'present';
}

export interface SpatialSchedule {
  readonly features: number;
  readonly channels: number;
  readonly inputLayout: Layout;
  readonly outputs: number;
  /** Cells that all passes of a pair visit. */
  readonly cellsOfPair: number;
  /** Numbers of a sample's record, and of the record that the diagonal uses. */
  readonly recordSize: number;
  readonly diagonalRecordSize: number;
  /** Where contractions may put three matrices, rows of so many numbers. */
  readonly scratch: number;
  readonly scratchColumns: number;
  /** Where records have what comes with samples, if it does. */
  readonly given: readonly GivenArray[];
  readonly givenOfDiagonal: readonly GivenArray[];
  /** Where records may begin, in float64 numbers. */
  readonly heap: number;
  readonly pair: ScheduledRoutine;
  readonly sample: ScheduledRoutine;
  readonly diagonal: ScheduledRoutine;
}
