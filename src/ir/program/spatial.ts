/** The statements that look at several positions. Offsets, strides, padding and pooling are tables here: no target knows them. */
import type { Named } from './program.ts';

/** The positions of a value. */
export interface Grid {
  /** Positions along each spatial axis, at least one axis; a position is one row-major index over them. */
  readonly extents: readonly number[];
  /** 'diagonal': a number for each p, of p = p'; 'all': one for each (p, p'), row-major. */
  readonly span: 'diagonal' | 'all';
}

/** Along one axis, for each offset of a window: table[P] is the position that output P reads, −1 where it reads none. */
export type ShiftAxis = readonly (readonly number[])[];

/** Along one axis, for each output P: its weights on the positions from, from + 1, ... */
export type LinearAxis = readonly { readonly from: number; readonly weights: readonly number[] }[];

/** Whether a value that has positions is wanted at p = p' or at all (p, p'). */
export type Span = Grid['span'];

/**
 * out[P P'] = scale · Σ_o of[p(o, P) p(o, P')], the offset o running over the product of the axes' offsets and the same on
 * both sides: a convolution. In the self domain, and of span 'diagonal', P = P'.
 */
export interface ShiftSum extends Named {
  readonly kind: 'shiftSum';
  readonly of: string;
  readonly scale: number;
  readonly axes: readonly ShiftAxis[];
}
/**
 * out[P P'] = Σ_{p p'} A[P p] A[P' p'] of[p p'], A the product of the axes' matrices: pooling, resizing, slices.
 * In the self domain `of` is a full value and P = P'; of span 'diagonal' it is a pair value of span 'all' and P = P'.
 */
export interface Linear extends Named {
  readonly kind: 'linear';
  readonly of: string;
  readonly axes: readonly LinearAxis[];
}
/**
 * A number: scale · Σ_p of[p p], or scale · Σ_{p p'} of[p p']. In the self domain `of` is a self value for the former and
 * a full value for the latter.
 */
export interface Reduce extends Named {
  readonly kind: 'reduce';
  readonly of: string;
  readonly over: Span;
  readonly scale: number;
}
/** Of a self value, self again: out[P] = Σ_p A[P p] of[p], A the product of the axes' matrices. */
export interface Average extends Named {
  readonly kind: 'average';
  readonly domain: 'self';
  readonly of: string;
  readonly axes: readonly LinearAxis[];
}
/**
 * of[p p'] where p = p', else 0: weights that positions do not share. Full and pair values only; of pairs both `of` and
 * this may be of either span.
 */
export interface OnlyDiagonal extends Named {
  readonly kind: 'onlyDiagonal';
  readonly of: string;
}
/**
 * out[P P'] = Σ_{p p'} M[P p] of[p p'] M'[P' p'], M the full value `matrix` of x and M' that of x': graphs, attention.
 * In the self domain `of` is a full value and P = P'.
 */
export interface Contract extends Named {
  readonly kind: 'contract';
  readonly of: string;
  readonly matrix: string;
}
/** out[p p'] = e^{of[p p']} / Σ_r e^{of[p r]}, a full value of a full value. */
export interface Softmax extends Named {
  readonly kind: 'softmax';
  readonly domain: 'full';
  readonly of: string;
}
/** The pattern that comes with a sample: a full value, [p p'] row-major. */
export interface Pattern extends Named {
  readonly kind: 'pattern';
  readonly domain: 'full';
}

/** Which positions a sample has: 1 where it is there, else 0. Comes with a sample of a masked network. */
export interface Present extends Named {
  readonly kind: 'present';
  readonly domain: 'self';
}

export const positionsOf = (extents: readonly number[]): number => extents.reduce((product, n) => product * n, 1);
