/**
 * The statements of one domain as steps that each go over arrays once: runs of statements that one loop holds, and
 * statements over several positions axis by axis.
 */
import {
  type Expand,
  type Grid,
  type LinearAxis,
  type PointStatement,
  positionsOf,
  type ShiftAxis,
  type SpatialStatement,
  type Statement,
} from '../../../../ir/program/index.ts';
import type { Axis } from './arithmetic.ts';

export type OnlyDiagonal = Extract<SpatialStatement, { kind: 'onlyDiagonal' }>;
/** Statements whose value at a cell reads other values at this cell. */
export type CellStatement = Exclude<PointStatement, Expand> | OnlyDiagonal;

/** What an array holds: the value of a statement, or what comes between two steps of it. */
export interface ArrayOf {
  /** No identifier where the array is between two steps. */
  readonly name: string;
  readonly size: number;
  /** Einsum letters: [p], or [p p'] with all pairs of positions. */
  readonly letters: '[p]' | "[p p']";
}

/** Statements that a single loop over the cells of a grid holds; without a grid, numbers. */
export interface Run {
  readonly kind: 'run';
  readonly domain: Statement['domain'];
  readonly grid: Grid | undefined;
  readonly statements: readonly CellStatement[];
}
export interface FromArray {
  readonly of: string;
  readonly out: ArrayOf;
}
export interface ShiftStep extends FromArray {
  readonly kind: 'shift';
  /** All (p, p'). */
  readonly both: boolean;
  readonly axis: Axis;
  readonly reads: ShiftAxis;
  readonly scale: number;
}
export interface WeighStep extends FromArray {
  readonly kind: 'weigh';
  readonly axis: Axis;
  readonly rows: LinearAxis;
}
/** p = p' of all (p, p'). */
export interface DiagonalStep extends FromArray {
  readonly kind: 'diagonal';
  readonly positions: number;
}
export interface MatrixStep extends FromArray {
  /** `rowProducts`: fromRight at P = P' alone. */
  readonly kind: 'fromLeft' | 'fromRight' | 'rowProducts';
  readonly matrix: string;
  readonly positions: number;
}
export interface SoftmaxStep extends FromArray {
  readonly kind: 'softmax';
  readonly positions: number;
}
/** A number. */
export interface TotalStep {
  readonly kind: 'total';
  readonly name: string;
  readonly of: string;
  readonly scale: number;
  /** 1, or positions + 1 for the diagonal of all (p, p'). */
  readonly step: number;
}
export interface ExpandStep {
  readonly kind: 'expand';
  readonly statement: Expand;
}
/** What comes with the sample: a pattern, or which positions are there. */
export interface GivenStep {
  readonly kind: 'given';
  readonly name: string;
  readonly from: 'patterns' | 'present';
  readonly size: number;
}
/** An array of shared memory under another name: nothing to do where both are in the same place. */
export interface CopyStep extends FromArray {
  readonly kind: 'copy';
}
export type Step = (
  | Run
  | ShiftStep
  | WeighStep
  | DiagonalStep
  | MatrixStep
  | SoftmaxStep
  | TotalStep
  | ExpandStep
  | GivenStep
  | CopyStep
) & {
  /** The formula that this step and those after it work out. */
  readonly note?: string;
};

/** Where statements are read from that come with the samples. */
export const givenOf = { pattern: 'patterns', present: 'present' } as const;

export const sizeOf = ({ extents, span }: Grid): number => positionsOf(extents) ** (span === 'all' ? 2 : 1);

export const arrayOf = (name: string, grid: Grid): ArrayOf => ({
  name,
  size: sizeOf(grid),
  letters: grid.span === 'all' ? "[p p']" : '[p]',
});
