/**
 * Terms: coefficient · powers of scalars · contractions. A contraction is a product of factors that share dummies,
 * summed over all of them: one number, such as ⟨x_α, x_β⟩ or Σ_i a_i a_i σ′(α)_i σ′(β)_i.
 */
import { canonical } from './canonical.ts';
import { contractDeltas, type Factor, isDummy } from './factor.ts';

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

/** Groups of factors that no dummy connects. By position: one object may stand for equal factors. */
function connected(factors: readonly Factor[]): readonly (readonly Factor[])[] {
  const touching = new Map<number, number[]>();
  factors.forEach(({ indices }, at) => {
    for (const index of indices.filter(isDummy)) {
      const group = touching.get(index);
      if (group === undefined) touching.set(index, [at]);
      else group.push(at);
    }
  });
  const left = new Set(factors.keys());
  return [...factors.keys()].flatMap((start) => {
    if (!left.delete(start)) return [];
    const group = [start];
    for (const at of group) {
      const near = factors[at]!.indices.flatMap((index) => (isDummy(index) ? touching.get(index)! : []));
      for (const other of near) if (left.delete(other)) group.push(other);
    }
    return [group.map((at) => factors[at]!)];
  });
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
