/**
 * The kernel program: what a target must compute for a pair of inputs (x, x'), statement by statement.
 *
 * Three domains. A `self` value belongs to one sample: v[i], of the pair (x_i, x_i). A `pair` value belongs to two:
 * V[i j]. A pair statement reads self values at both ends: the symbol `q1_x` is q1 at x, `q1_y` is q1 at x'.
 * The diagonal of a Gram matrix is the self value, analytically, never a pair value at equal inputs.
 *
 * Of inputs with spatial axes a value has positions (`grid`): self values one number for each p, of (p, p); pair values
 * one for each (p, p'), or for p = p' alone where nothing needs more. A `full` value belongs to one sample and has all
 * (p, p'): what a pair value is between the sample and itself. In a statement over (p, p') `q1_x` is q1 at p, `q1_y` at p'.
 * A value without positions is read at every position alike.
 */
import { NtkcError } from '../../errors.ts';
import type { Expr } from '../scalar/index.ts';
import type {
  Average,
  Contract,
  Grid,
  Linear,
  OnlyDiagonal,
  Pattern,
  Present,
  Reduce,
  ShiftSum,
  Softmax,
} from './spatial.ts';

/** Kernels that are one matrix. */
export const singleKernels = ['nngp', 'ntk', 'wntk'] as const;
export type SingleKernel = (typeof singleKernels)[number];

/** `layerwise` has one matrix for each layer with parameters. */
export const kernelNames = [...singleKernels, 'layerwise'] as const;
export type KernelName = (typeof kernelNames)[number];

export type Domain = 'self' | 'full' | 'pair';

export interface Named {
  /** Identifier, unique in the program: a letter of NOTATION.md and an index, e.g. sigma1. */
  readonly name: string;
  readonly domain: Domain;
  /** Positions of the value; absent where it is one number. */
  readonly grid?: Grid;
}
/** K0[x x'] = scale · Σ_c x[c]·x'[c], for each pair of positions. */
export interface Inner extends Named {
  readonly kind: 'inner';
  readonly scale: number;
}
/** A scalar expression over earlier values. Fractional powers clamp their base at zero. */
export interface MapStatement extends Named {
  readonly kind: 'map';
  readonly expr: Expr;
  /** Full values: the self value to take where p = p', analytically. */
  readonly diagonal?: string;
}
/** Hermite expansion of `phi` (an expression in x) under variance `variance`, once a sample: a_p[i] = E φ(√q z) h_p(z). */
export interface Expand extends Named {
  readonly kind: 'expand';
  readonly domain: 'self';
  readonly variance: string;
  readonly phi: Expr;
  readonly dphi: Expr;
  /** Points x where φ or φ' jumps. */
  readonly kinks: readonly number[];
  /** Relative error allowed in κ. */
  readonly tolerance: number;
  readonly maxDegree: number;
}
/** E φ(u)φ(v) (order 0) or E φ'(u)φ'(v) (order 1) from an expansion; in the self domain u = v. */
export interface Dual extends Named {
  readonly kind: 'dual';
  readonly expansion: string;
  readonly covariance: string;
  readonly order: 0 | 1;
  /** Full values: the self value to take where p = p'. */
  readonly diagonal?: string;
}
/** Statements that look at several positions. */
export type SpatialStatement = MovingStatement | Pattern | Present;
/** Those that make a value of another. */
export type MovingStatement = ShiftSum | Linear | Reduce | Average | OnlyDiagonal | Contract | Softmax;
/** Statements that look at one position, or one pair of positions, at a time: all that programs of vectors have. */
export type PointStatement = Inner | MapStatement | Expand | Dual;
export type Statement = PointStatement | SpatialStatement;

/** The statements of a program for vectors. @throws NtkcError where the inputs have positions, naming the target */
export function pointStatements(program: Program, target: string): readonly PointStatement[] {
  if (program.extents.length > 0)
    throw new NtkcError({
      what: `the target ${target} has no kernels of inputs with spatial axes yet`,
      expected: 'an input of shape [features]',
      next: 'Use --target reference.',
    });
  return program.statements as readonly PointStatement[];
}

/** A layer weight μ_l of the weighted NTK, settable when the kernel runs. */
export interface LayerWeight {
  readonly name: string;
  readonly value: number;
  /** Where its layer stands in the network. */
  readonly path: string;
}

/** A self value that is 1 at positions that a sample has after a layer which makes them fewer, else 0. */
export interface Mask {
  readonly value: string;
  /** Where the layer stands in the network. */
  readonly path: string;
}

/** A kernel the program computes: its values off the diagonal and on it. They have no positions. */
export interface Output {
  readonly name: string;
  readonly pair: Expr;
  readonly self: Expr;
}

export interface Program {
  readonly network: string;
  readonly kernel: KernelName;
  /** Length of one input, all positions and channels. */
  readonly features: number;
  /** Spatial extents of the input, [] for vectors; inputs are row-major [...extents, channels]. */
  readonly extents: readonly number[];
  readonly weights: readonly LayerWeight[];
  /** Of masked networks, if any. */
  readonly masks?: readonly Mask[];
  readonly statements: readonly Statement[];
  readonly outputs: readonly Output[];
}

export const atX = (name: string): string => `${name}_x`;
export const atY = (name: string): string => `${name}_y`;

/** The value a symbol of a pair expression refers to, and where it is read. */
export function resolve(symbol: string): { readonly name: string; readonly at: 'x' | 'y' | 'here' } {
  if (symbol.endsWith('_x')) return { name: symbol.slice(0, -2), at: 'x' };
  if (symbol.endsWith('_y')) return { name: symbol.slice(0, -2), at: 'y' };
  return { name: symbol, at: 'here' };
}
