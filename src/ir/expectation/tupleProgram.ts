/**
 * A straight-line program for sums over tuples of inputs, Σ C[γ ξ] · K(α, β, γ, ξ): what is computed for a set of inputs,
 * each in a slot 0, 1, ..., and where it is added.
 *
 * Every digit in a name is a slot: s01 is the covariance of slots 0 and 1, q0 the variance of slot 0, g01 their entry of the
 * Gram matrix of gradients. Two values whose names differ by a renaming of slots that keeps their order are the same
 * function of their inputs, so what depends on one or two slots is tabulated once.
 */
import { type Expr, symbols } from '../scalar/index.ts';

export interface TupleValue {
  /** Letters, then slots. */
  readonly name: string;
  /** What it depends on, ascending. */
  readonly slots: readonly number[];
  /** A scalar expression over symbols and earlier values; or orthantRemainder of six correlations. */
  readonly of: { readonly kind: 'map'; readonly expr: Expr } | Remainder;
}

/** orthantRemainder(r01, r02, r03, r12, r13, r23) of src/ir/gaussian/orthant.ts. */
export interface Remainder {
  readonly kind: 'remainder';
  readonly correlations: readonly Expr[];
}

/** expr · C[weight] is added at M[row] and, where its two slots hold different inputs, at the transposed place. */
export interface TupleOutput {
  readonly row: readonly [number, number];
  readonly weight: readonly [number, number];
  readonly expr: Expr;
}

export interface TupleProgram {
  readonly slots: number;
  /** Each defined before it is read. */
  readonly values: readonly TupleValue[];
  /** Values that are all positive where the tuple has a kernel. */
  readonly guards: readonly string[];
  readonly outputs: readonly TupleOutput[];
}

/** Symbols that are not defined by values: q of one slot, s and g of two, and the ratio of parallel inputs. */
export const isGiven = (name: string): boolean => /^(q\d|[sg]\d\d|ratio)$/.test(name);

/** Slots in a name, ascending, each once. */
export const slotsOf = (name: string): readonly number[] => [...new Set(name.match(/\d/g) ?? [])].map(Number).sort();

/** What a value or an expression depends on, of the values before it. */
export function dependence(
  expressions: readonly Expr[],
  known: ReadonlyMap<string, readonly number[]>,
): readonly number[] {
  const names = expressions.flatMap((e) => [...symbols(e)]).filter((name) => name !== 'pi');
  return [...new Set(names.flatMap((name) => known.get(name) ?? slotsOf(name)))].sort((a, b) => a - b);
}

/** Which inputs go through the slots of a program. */
export type TupleRange =
  /** All a < b < c < d. */
  | { readonly kind: 'distinct' }
  /** All a ≤ b ≤ c ≤ d, each weighted with how often its orders repeat. */
  | { readonly kind: 'repeated' }
  /** A pair of the list in slots 0 and 1, all c < d in the others. */
  | { readonly kind: 'pairs'; readonly pairs: readonly (readonly [number, number])[] };

/** M[α β] = Σ_γξ C[γ ξ] K(α, β, γ, ξ) over n inputs, as sums of programs over tuples. */
export interface Contraction {
  readonly n: number;
  /** q: variances of the pre-activations, with noise if the activation has it, [n]. */
  readonly variances: Float64Array;
  /** s: covariances without noise, [n n]. */
  readonly covariances: Float64Array;
  /** g: inner products of their gradients, [n n]. */
  readonly gradients: Float64Array;
  /** C, [n n]. */
  readonly weights: Float64Array;
  readonly sums: readonly { readonly program: TupleProgram; readonly range: TupleRange }[];
}
