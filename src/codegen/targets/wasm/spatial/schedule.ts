/** What the driver of a spatial kernel does, as plain data: which function it calls when, and what is where in memory. */
import type { Layout, Step, Stored, Sweep } from '../../../plan/spatial/index.ts';

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
  /** Blocks of its tables of coefficients along each leading axis; none where it sums no series. */
  readonly blockSteps?: readonly number[];
  /** Layouts of kept arrays whose offset it is given. */
  readonly kept: readonly Layout[];
}

type Names = 'of' | 'to' | 'self' | 'matrix' | 'covariance';
/**
 * A step with arrays in place of their names, and expansions by their number; of a sum, `to` is the address of the number,
 * of a patch `flag`. What is in a record counts from its start.
 */
type Placed<S> = S extends { readonly expansion: string }
  ? Omit<S, Names | 'expansion' | 'flag'> & { readonly [K in keyof S & Names]: Placement } & {
      readonly expansion: number;
    } & { readonly [K in keyof S & 'flag']: number }
  : S extends { readonly kind: 'sum' }
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
  /**
   * The body of a function of (v, x, y, out, erf, formulas): memory as float64, and where the records of both samples begin;
   * what formulas of numbers call.
   */
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
  /** Tables of coefficients in the record that it reads or fills. */
  readonly tables: readonly ScheduledTable[];
  readonly series: readonly ScheduledSeries[];
}

/** A table of coefficients: its address and the bytes of a block are at `at` of the record, two 32-bit numbers. */
export interface ScheduledTable extends Stored {
  readonly at: number;
  readonly expansion: number;
  readonly order: 0 | 1;
}

/** A series that passes sum; where the number of its terms (32 bits) and the largest |ρ| are, that the driver sets. */
export interface ScheduledSeries extends Stored {
  readonly expansion: number;
  readonly order: 0 | 1;
  readonly termsAt: number;
  readonly limitAt: number;
}

/** A formula: φ and φ' as bodies of functions of (x, erf). */
export interface ScheduledExpansion {
  readonly phi: string;
  readonly dphi: string;
  readonly kinks: readonly number[];
  readonly tolerance: number;
  readonly maxDegree: number;
  /** Positions along each axis; none of a number. */
  readonly extents: readonly number[];
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
  readonly expansions: readonly ScheduledExpansion[];
  /** Cells that all passes of a pair visit. */
  readonly cellsOfPair: number;
  /** Numbers of a sample's record, and of the record that the diagonal uses. */
  readonly recordSize: number;
  readonly diagonalRecordSize: number;
  /** Where contractions may put three matrices, rows of so many numbers. */
  readonly scratch: number;
  readonly scratchColumns: number;
  /** Where coefficients of a few variances are combined; none where there are no tables. */
  readonly combined?: number;
  /** Where records have what comes with samples, if it does. */
  readonly given: readonly GivenArray[];
  readonly givenOfDiagonal: readonly GivenArray[];
  /** Where records may begin, in float64 numbers. */
  readonly heap: number;
  readonly pair: ScheduledRoutine;
  readonly sample: ScheduledRoutine;
  readonly diagonal: ScheduledRoutine;
}
