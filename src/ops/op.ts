/**
 * The contract of an op: everything the compiler knows of it. One folder under src/ops holds one op; an absent part
 * means "unsupported", and the error says so. Ops speak only the IRs: no target, no other op.
 */
import type { z } from 'zod';
import type { ArchOp, Fields, Shape } from '../ir/arch/index.ts';
import type { LinearAxis, ShiftAxis, Span } from '../ir/program/index.ts';
import type { Expr } from '../ir/scalar/index.ts';
import type { Activation } from './dual.ts';

/** A kernel in flight: its expression on a pair (x, x') and on the diagonal (x, x). */
export interface Kernel {
  readonly pair: Expr;
  /** With positions: at (p, p). */
  readonly self: Expr;
  /** With positions: between the sample and itself at all (p, p'). */
  readonly full?: Expr;
  /** Positions along each spatial axis; absent where the kernel has none. */
  readonly extents?: readonly number[];
  /** Of masked networks: the self value that is 1 at positions that are there and 0 at others, whatever the kernel is there. */
  readonly present?: Expr;
}

/** What a rule may do with kernels: src/ir/program/spatial.ts says what each but `lift` computes. */
export interface KernelBuilder {
  /** One formula for the pair, the diagonal and the full kernel. */
  lift(inputs: readonly Kernel[], formula: (...values: Expr[]) => Expr): Kernel;
  /** κ and κ̇ of an activation at a kernel. */
  activate(activation: Activation, k: Kernel): { readonly kappa: Kernel; readonly dotKappa: Kernel };
  /** The sum of kernels that are zero at each other's positions; `places`, of the same positions, tell which are there. */
  sideBySide(parts: readonly Kernel[], places: readonly Kernel[]): Kernel;
  shiftSum(k: Kernel, scale: number, axes: readonly ShiftAxis[]): Kernel;
  linear(k: Kernel, axes: readonly LinearAxis[]): Kernel;
  reduce(k: Kernel, over: Span, scale: number): Kernel;
  /** The mean over all pairs of positions that are there. */
  meanOverAll(k: Kernel): Kernel;
  onlyDiagonal(k: Kernel): Kernel;
  /** M K M'ᵀ, M one of those below. */
  contract(k: Kernel, matrix: Expr): Kernel;
  /** The full value of a kernel. */
  matrix(k: Kernel): Expr;
  /** Of it, with softmax over the second position. */
  softmax(k: Kernel): Expr;
  /** The pattern that comes with a sample. @throws NtkcError where these are not the positions of the input */
  pattern(extents: readonly number[]): Expr;
}

/** The op's input: its width and positions. */
export interface RuleContext {
  /** Width of the op's input; Infinity where none is declared. */
  readonly fanIn: number;
  /** Positions along each spatial axis; [] for vectors. */
  readonly extents: readonly number[];
}

interface RuleText {
  /** Name of the rule, as a derivation prints it. */
  readonly name: string;
  /** Where the rule is from: a source of NOTATION.md and its equation. */
  readonly source: string;
}

/** An affine op: K changes by `nngp`, T is carried by `tangent`, and the op's own parameters add `parameter.term`. */
export interface LinearRule extends RuleText {
  readonly kind: 'linear';
  readonly nngp: (b: KernelBuilder, k: Kernel) => Kernel;
  /** Linear in t; `k` is K before. */
  readonly tangent: (b: KernelBuilder, t: Kernel, k: Kernel) => Kernel;
  /** The neurons of all positions in one list: no longer alike. Ops without parameters only. */
  readonly neurons?: 'flattened';
  readonly parameter?: {
    /** The weight of this layer in the weighted NTK, unless another is set when the kernel runs. */
    readonly weight: number;
    /** NTK of the op's own parameters, from K before and after. @eq wntk-tan2021 (11) */
    readonly term: (b: KernelBuilder, before: Kernel, after: Kernel) => Kernel;
  };
}

/** φ applied to every neuron: K ← κ(q, q', K), T ← T · ∂κ/∂K. */
export interface ActivationRule extends RuleText {
  readonly kind: 'activation';
  readonly activation: Activation;
}

/** An op without parameters that looks at more than one neuron: K ← κ(q, q', K), T ← T · ∂κ/∂K. */
export interface CovarianceRule extends RuleText {
  readonly kind: 'covariance';
  /** κ on pairs, in the symbols k, q1, q2; on the diagonal all three are q. */
  readonly kappa: Expr;
  /** q1 and q2 are not the variances but their averages over positions by these matrices. */
  readonly averaged?: readonly LinearAxis[];
  /** κ on the diagonal, in q1, where each sample draws noise of its own; T ← T · ∂κ/∂q1 there. */
  readonly noisyKappa?: Expr;
  /** What the neurons of its input must be: Gaussian; of mean zero; or hidden, not the network's own input. */
  readonly needs: 'gaussian' | 'centred' | 'hidden';
  /** Why, for the error: "its input is not of mean zero, " is before it. */
  readonly because: string;
  /** What becomes of the neurons: scaled ones stay Gaussian, masked ones of mean zero, transformed ones neither. */
  readonly neurons: 'scaled' | 'masked' | 'transformed';
}

/**
 * Branches joined again, neuron by neuron or side by side. What follows from it is derived: sums need uncorrelated
 * branches, products independent ones, concatenations nothing; of products and concatenations neurons are not Gaussian.
 */
export interface JoinRule extends RuleText {
  readonly kind: 'join';
  readonly neurons: 'added' | 'multiplied' | 'concatenated';
  /** `shares` of each branch in the neurons of a concatenation; empty for the others. */
  readonly nngp: (b: KernelBuilder, ks: readonly Kernel[], shares: readonly number[]) => Kernel;
  readonly tangent: (
    b: KernelBuilder,
    ts: readonly Kernel[],
    ks: readonly Kernel[],
    shares: readonly number[],
  ) => Kernel;
}

export type KernelRule = LinearRule | ActivationRule | CovarianceRule | JoinRule;

/** Builds the finite network. Values are node indices of the tensor program: src/ir/tensor says what each but these computes. */
export interface ForwardBuilder {
  readonly widthOf: (value: number) => number;
  /** Positions along each spatial axis of a value; [] for vectors. */
  readonly extentsOf: (value: number) => readonly number[];
  /** Width of a layer that declares none. */
  readonly defaultWidth: number;
  /** The same weights at every position, unless `perPosition`; those of another dense where `sharedWith` is its value. */
  dense(input: number, spec: DenseSpec, sharedWith?: number): number;
  elementwise(input: number, phi: Expr): number;
  add(inputs: readonly number[]): number;
  multiply(inputs: readonly number[]): number;
  /** Side by side along a spatial axis, counted from 0; without one neuron by neuron. */
  concat(inputs: readonly number[], axis?: number): number;
  /** The numbers that each window reads, as neurons: `axes` as of shiftSum. */
  patches(input: number, axes: readonly ShiftAxis[]): number;
  /** A h for each neuron, A the product of the axes' matrices. */
  positionMap(input: number, axes: readonly LinearAxis[]): number;
  /** The mean over all positions that are there, which ends them. */
  meanOverPositions(input: number): number;
  /** All positions' neurons in one list. */
  flatten(input: number): number;
  /** The mean over the neurons of a position, at every neuron. */
  mean(input: number): number;
  /** scale · a b for each sample, b's positions being a's neurons; or scale · a bᵀ, b's positions becoming the neurons. */
  matrixProduct(a: number, b: number, options: { readonly scale: number; readonly transposed: boolean }): number;
  /** Scores between positions, the neurons being those of `keys`: zero at those that are not there. */
  withoutAbsent(scores: number, keys: number): number;
  /** The pattern that comes with a sample, its neurons being positions of the input. */
  pattern(): number;
  /** Shaped like a value, 1/keep with probability keep, else 0: for every sample and neuron on its own, drawn anew at each pass. */
  mask(like: number, keep: number): number;
}
export interface DenseSpec {
  readonly width: number;
  readonly weightScale: number;
  readonly weightStd: number;
  readonly bias?: { readonly scale: number; readonly std: number };
  /** Without a bias in standard parameterization, whose b no factor bStd makes 0: one that is not 0 is of another network. */
  readonly biasIsZero?: true;
  /** Weights and biases of its own for every position. */
  readonly perPosition?: true;
}

export interface Op extends ArchOp {
  /** One line for --help, the README and error messages. */
  readonly summary: string;
  readonly kernel?: (fields: Fields, context: RuleContext) => KernelRule;
  /** Finite network: from input values (one, or one a branch) to the output value. */
  readonly forward?: (fields: Fields, b: ForwardBuilder, inputs: readonly number[]) => number;
  /** Field values the conformance tests run; at least one. */
  readonly examples: readonly Fields[];
  /** Shape of the examples' input, where the op needs positions; else any. */
  readonly exampleInput?: Shape;
  /** Activations only: what a formula must be to be this op, with its field values. */
  readonly recognise?: (phi: Expr) => Fields | undefined;
}

/** Checks an op's declaration against its own fields' types and forgets them. */
export function defineOp<const F extends Readonly<Record<string, z.ZodType>>>(op: {
  readonly name: string;
  readonly alsoCalled?: Readonly<Record<string, Fields>>;
  readonly summary: string;
  readonly fields: F;
  readonly nests?: 'branches' | 'layers';
  readonly shape: (fields: FieldsOf<F>, inputs: readonly Shape[]) => Shape;
  readonly kernel?: (fields: FieldsOf<F>, context: RuleContext) => KernelRule;
  readonly copies?: (fields: FieldsOf<F>) => number;
  readonly forward?: (fields: FieldsOf<F>, b: ForwardBuilder, inputs: readonly number[]) => number;
  readonly examples: readonly Fields[];
  readonly exampleInput?: Shape;
  readonly recognise?: (phi: Expr) => FieldsOf<F> | undefined;
}): TypedOp<F> {
  return op as unknown as Op;
}
export type FieldsOf<F extends Readonly<Record<string, z.ZodType>>> = { readonly [K in keyof F]: z.output<F[K]> };
/** An op that remembers the type of its fields, for its builder. */
export type TypedOp<F extends Readonly<Record<string, z.ZodType>>> = Op & { readonly input?: InputOf<F> };

/** The fields as a user gives them: what has a default may be left out. */
type InputOf<F extends Readonly<Record<string, z.ZodType>>> = {
  readonly [K in keyof F as undefined extends z.input<F[K]> ? never : K]: z.input<F[K]>;
} & { readonly [K in keyof F as undefined extends z.input<F[K]> ? K : never]?: z.input<F[K]> };
