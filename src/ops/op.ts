/**
 * The contract of an op: everything the compiler knows of it. One folder under src/ops holds one op; an absent part
 * means "unsupported", and the error says so. Ops speak only the IRs: no target, no other op.
 */
import type { z } from 'zod';
import type { ArchOp, Fields, Shape } from '../ir/arch/index.ts';
import type { Expr } from '../ir/scalar/index.ts';
import type { Activation } from './dual.ts';

/** A kernel in flight: its expression on a pair (x, x') and on the diagonal (x, x). */
export interface Kernel {
  readonly pair: Expr;
  readonly self: Expr;
}

/** What a rule may do with kernels. `lift` applies one formula to the pair and to the diagonal. */
export interface KernelBuilder {
  lift(inputs: readonly Kernel[], formula: (...values: Expr[]) => Expr): Kernel;
}

/** Length of one input to the op, and whether the op's own shapes are at the infinite-width limit. */
export interface RuleContext {
  /** Width of the op's input; Infinity where none is declared. */
  readonly fanIn: number;
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
  readonly tangent: (b: KernelBuilder, t: Kernel) => Kernel;
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

/** Builds the finite network. Values are node indices of the tensor program. */
export interface ForwardBuilder {
  readonly widthOf: (value: number) => number;
  /** Width of a layer that declares none. */
  readonly defaultWidth: number;
  dense(input: number, spec: DenseSpec): number;
  elementwise(input: number, phi: Expr): number;
  add(inputs: readonly number[]): number;
  multiply(inputs: readonly number[]): number;
  concat(inputs: readonly number[]): number;
  /** The mean over the neurons of a sample, at every neuron. */
  mean(input: number): number;
  /** 1/keep with probability keep, else 0: for every sample and neuron on its own, drawn anew at each pass. */
  mask(width: number, keep: number): number;
}
export interface DenseSpec {
  readonly width: number;
  readonly weightScale: number;
  readonly weightStd: number;
  readonly bias?: { readonly scale: number; readonly std: number };
}

export interface Op extends ArchOp {
  /** One line for --help, the README and error messages. */
  readonly summary: string;
  readonly kernel?: (fields: Fields, context: RuleContext) => KernelRule;
  /** Finite network: from input values (one, or one a branch) to the output value. */
  readonly forward?: (fields: Fields, b: ForwardBuilder, inputs: readonly number[]) => number;
  /** Field values the conformance tests run; at least one. */
  readonly examples: readonly Fields[];
  /** Activations only: what a formula must be to be this op, with its field values. */
  readonly recognise?: (phi: Expr) => Fields | undefined;
}

/** Checks an op's declaration against its own fields' types and forgets them. */
export function defineOp<const F extends Readonly<Record<string, z.ZodType>>>(op: {
  readonly name: string;
  readonly summary: string;
  readonly fields: F;
  readonly nests?: 'branches' | 'layers';
  readonly shape: (fields: FieldsOf<F>, inputs: readonly Shape[]) => Shape;
  readonly kernel?: (fields: FieldsOf<F>, context: RuleContext) => KernelRule;
  readonly copies?: (fields: FieldsOf<F>) => number;
  readonly forward?: (fields: FieldsOf<F>, b: ForwardBuilder, inputs: readonly number[]) => number;
  readonly examples: readonly Fields[];
  readonly recognise?: (phi: Expr) => FieldsOf<F> | undefined;
}): Op {
  return op as unknown as Op;
}
export type FieldsOf<F extends Readonly<Record<string, z.ZodType>>> = { readonly [K in keyof F]: z.output<F[K]> };
