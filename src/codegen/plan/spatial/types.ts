/** The plan of a spatial program: passes over arrays of cells, and what happens between them. Plain data but for expressions. */
import type { LaneProgram } from '../../../ir/loop/index.ts';
import type { Expand, LinearAxis, Program, ShiftAxis } from '../../../ir/program/index.ts';
import type { Expr } from '../../../ir/scalar/index.ts';
import type { Layout } from './layout.ts';

/** Where a lane's input comes from. Offsets count float64 numbers. */
export type Load =
  /** The array's cell at the pass's cell times `strides` of its cursor, plus `offset`. */
  | { readonly kind: 'array'; readonly array: string; readonly cursor: number; readonly offset: number }
  /** A sample's array at p or p', or its number. */
  | { readonly kind: 'sample'; readonly side: 'x' | 'y'; readonly name: string; readonly isNumber: boolean }
  | { readonly kind: 'number'; readonly name: string };

export type Store =
  | { readonly kind: 'array'; readonly array: string }
  /** To the record of the sample. */
  | { readonly kind: 'sample'; readonly name: string }
  /** Added to a number. */
  | { readonly kind: 'sum'; readonly name: string };

/** How a pass moves through arrays of one layout: by so many positions along each axis where the pass moves by one. */
export interface Cursor {
  readonly layout: Layout;
  readonly strides: readonly number[];
}

/** Σ_p a_p a'_p ρ^p, of every other p a series in ρ², with the coefficients of both samples at the cell's positions. */
export interface PassSeries {
  readonly expansion: string;
  readonly order: 0 | 1;
  /** Relative error allowed in what it sums to. */
  readonly tolerance: number;
}

/** Everything that is computed at each cell of one grid in one go. */
export interface Pass {
  readonly layout: Layout;
  /** Layout of the samples' arrays at its positions. */
  readonly sampleLayout: Layout;
  readonly lanes: LaneProgram;
  /** By `${op} ${name}` of the lane. */
  readonly loads: ReadonlyMap<string, Load>;
  /** One for each result of the lanes. */
  readonly stores: readonly Store[];
  readonly cursors: readonly Cursor[];
  /** By the name of their lane. */
  readonly series: ReadonlyMap<string, PassSeries>;
}

/** What happens to whole arrays, between passes or after them. Arrays by name; kept ones are filled by sweeps. */
export type ArrayStep =
  /** A full value where p = p': the self value. */
  | { readonly kind: 'fix'; readonly of: string; readonly self: string }
  /** Coefficients of a formula under the variances of a sample, into its tables. */
  | { readonly kind: 'expand'; readonly of: string; readonly expansion: string }
  /** E φ(u)² or E φ'(u)²: an expansion has them. */
  | {
      readonly kind: 'moment';
      readonly of: string;
      readonly to: string;
      readonly expansion: string;
      readonly order: 0 | 1;
    }
  /** What series could not give, NaN where `flag`, their sum, is NaN: by quadrature, from the covariance. */
  | {
      readonly kind: 'patch';
      readonly of: string;
      readonly covariance: string;
      readonly flag: string;
      readonly expansion: string;
      readonly order: 0 | 1;
    }
  | { readonly kind: 'linear'; readonly of: string; readonly to: string; readonly axes: readonly LinearAxis[] }
  | { readonly kind: 'average'; readonly of: string; readonly to: string; readonly axes: readonly LinearAxis[] }
  | {
      readonly kind: 'gather';
      readonly of: string;
      readonly to: string;
      readonly scale: number;
      readonly axes: readonly ShiftAxis[];
    }
  | { readonly kind: 'copy'; readonly of: string; readonly to: string }
  | { readonly kind: 'softmax'; readonly of: string; readonly to: string }
  /** Σ_{p p'} M[P p] of[p p'] M'[P' p'] with the matrices of both samples, those of the records where `inRecords`. */
  | {
      readonly kind: 'contract';
      readonly of: string;
      readonly to: string;
      readonly matrix: string;
      readonly inRecords: boolean;
    }
  /** What comes with the sample, from its record. */
  | { readonly kind: 'given'; readonly to: string }
  /** An array to the record. */
  | { readonly kind: 'record'; readonly of: string; readonly as: string }
  | { readonly kind: 'onlyDiagonal'; readonly of: string; readonly to: string }
  | { readonly kind: 'sum'; readonly of: string; readonly to: string; readonly over: 'diagonal' | 'all' };

export type Step = { readonly kind: 'pass'; readonly pass: number } | ArrayStep;

/** A number of the pair or the sample from others; formulas of numbers as expand, moment and dual are. */
export type NumberValue =
  | { readonly kind: 'map'; readonly name: string; readonly expr: Expr }
  | { readonly kind: 'expand'; readonly expansion: string; readonly variance: string }
  | { readonly kind: 'moment'; readonly name: string; readonly expansion: string; readonly order: 0 | 1 }
  | {
      readonly kind: 'dual';
      readonly name: string;
      readonly expansion: string;
      readonly order: 0 | 1;
      readonly covariance: string;
    };

/** Passes once for each difference p' - p along the leading axes. */
export interface Sweep {
  /** Leading extents of the grid where the differences are counted. */
  readonly extents: readonly number[];
  /** Differences δ and -δ are the same: x = x'. */
  readonly isHalf: boolean;
  /** Positions of each layout that one difference stands for. */
  readonly grids: readonly { readonly layout: Layout; readonly factors: readonly number[] }[];
  /** Arrays whose cells beyond the region have to be zero. */
  readonly arrays: readonly string[];
  readonly steps: readonly Step[];
}

export interface Stage {
  readonly numbers: readonly NumberValue[];
  /** Arrays and sums to set to zero first. */
  readonly clearedArrays: readonly string[];
  readonly clearedNumbers: readonly string[];
  /** Passes and steps on arrays of span 'diagonal', in order. */
  readonly flat: readonly Step[];
  readonly sweeps: readonly Sweep[];
  /** Steps on whole kept arrays. */
  readonly after: readonly Step[];
  readonly scaled: readonly { readonly name: string; readonly by: number }[];
}

/** What is done once a pair, or once a sample. */
export interface Routine {
  readonly stages: readonly Stage[];
  readonly passes: readonly Pass[];
  readonly arrays: ReadonlyMap<string, Layout>;
  /** Arrays that may lie in the same memory, one after another. */
  readonly buffers: ReadonlyMap<string, number>;
  readonly numbers: readonly string[];
  /** Names of the series that its passes sum. */
  readonly series: readonly string[];
}

/**
 * A sample's record: its arrays, then its numbers, then where its tables of coefficients are. The inputs are arrays `x.c`,
 * one a channel; what comes with them besides is there under givenName, matrices that pairs need under matrixName.
 */
export interface SampleRecord {
  readonly arrays: ReadonlyMap<string, { readonly layout: Layout; readonly at: number }>;
  readonly numbers: ReadonlyMap<string, number>;
  /** Of each series: two 32-bit numbers, the address of its table and the bytes of a block. */
  readonly tables: ReadonlyMap<string, number>;
  /** Numbers in all. */
  readonly size: number;
}

export interface SpatialPlan {
  readonly program: Program;
  readonly channels: number;
  readonly expansions: readonly Expand[];
  readonly inputLayout: Layout;
  /** Buffers by their number. */
  readonly buffers: readonly Layout[];
  /** Positions of the largest contraction, 0 where there is none. */
  readonly contracted: number;
  readonly pair: Routine;
  /** What pairs need of a sample, into its record. */
  readonly sample: Routine;
  readonly sampleRecord: SampleRecord;
  /** What the diagonal of the Gram matrix needs, with a record of its own. */
  readonly diagonal: Routine;
  readonly diagonalRecord: SampleRecord;
  /** Outputs in terms of numbers. */
  readonly outputs: readonly { readonly pair: Expr; readonly self: Expr }[];
}

export const inputName = (channel: number): string => `x.${channel}`;
export const givenName = (name: string): string => `given ${name}`;
export const seriesName = (expansion: string, order: 0 | 1): string => `${expansion}.${order}`;
/** Numbers of a pair: how many coefficients both samples have, and the largest |ρ| at which these keep the tolerance. */
export const degreeName = (series: string): string => `${series} degree`;
export const limitName = (series: string): string => `${series} limit`;
/** NaN where some number of a value is. */
export const flagName = (name: string): string => `${name} flag`;
export const matrixName = (name: string): string => `matrix ${name}`;
