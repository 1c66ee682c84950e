/**
 * Terms: coefficient · powers of scalars · contractions. A contraction is a product of factors that share dummies,
 * summed over all of them: one number, such as ⟨x_α, x_β⟩ or Σ_i a_i a_i σ′(α)_i σ′(β)_i.
 */
import { canonical } from './canonical.ts';
import { contractDeltas, dummiesOf, type Factor } from './factor.ts';

/** Interned: two contractions of one table are equal if and only if they are the same object. */
export interface Contraction {
  readonly id: number;
  readonly key: string;
  /** In canonical form. */
  readonly factors: readonly Factor[];
}

export interface Term {
  readonly coefficient: number;
  /** powers[l] is the power of scalar l. */
  readonly powers: readonly number[];
  /** Ordered by id. */
  readonly contractions: readonly Contraction[];
}

/** The contractions of one derivation, each once. */
export interface ContractionTable {
  /** The contractions of a product of factors: δ contracted, split where no dummy is shared, each in canonical form. */
  split(factors: readonly Factor[]): readonly Contraction[];
  readonly size: () => number;
}

export function contractionTable(): ContractionTable {
  const known = new Map<string, Contraction>();
  const intern = (factors: readonly Factor[]): Contraction => {
    const form = canonical(factors);
    const old = known.get(form.key);
    if (old !== undefined) return old;
    const fresh: Contraction = { id: known.size, ...form };
    known.set(form.key, fresh);
    return fresh;
  };
  return { split: (factors) => connected(contractDeltas(factors)).map(intern), size: () => known.size };
}

/** Groups of factors that no dummy connects. */
function connected(factors: readonly Factor[]): readonly (readonly Factor[])[] {
  const groupOf = new Map<number, number>(dummiesOf(factors).map((index, group) => [index, group]));
  for (const { indices } of factors) {
    const groups = new Set(indices.flatMap((index) => groupOf.get(index) ?? []));
    const [first] = groups;
    if (groups.size > 1) for (const [index, group] of groupOf) if (groups.has(group)) groupOf.set(index, first!);
  }
  const out = new Map<number | Factor, Factor[]>();
  for (const factor of factors) {
    const dummy = factor.indices.find((index) => groupOf.has(index));
    const group = dummy === undefined ? factor : groupOf.get(dummy)!;
    out.set(group, [...(out.get(group) ?? []), factor]);
  }
  return [...out.values()];
}

export const termOf = (coefficient: number, powers: readonly number[], contractions: readonly Contraction[]): Term => ({
  coefficient,
  powers,
  contractions: contractions.length < 2 ? contractions : [...contractions].sort((a, b) => a.id - b.id),
});

/** The product of two terms. */
export const multiply = (a: Term, b: Term): Term =>
  termOf(
    a.coefficient * b.coefficient,
    a.powers.map((power, l) => power + b.powers[l]!),
    [...a.contractions, ...b.contractions],
  );

/** What a term is, but for its coefficient. */
export const likeKey = ({ powers, contractions }: Term): string =>
  `${powers}|${contractions.map(({ id }) => id).join()}`;

/** Like terms merged, in the order of their first appearance; those that cancel are left out. */
export function mergeLikeTerms(terms: Iterable<Term>): readonly Term[] {
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const key = likeKey(term);
    const old = merged.get(key);
    merged.set(key, old === undefined ? term : { ...old, coefficient: old.coefficient + term.coefficient });
  }
  return [...merged.values()].filter(({ coefficient }) => coefficient !== 0);
}
