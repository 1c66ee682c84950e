/**
 * Gaussian integration by parts: E W_ij X = E ∂X/∂W_ij for entries W ~ N(0, 1), on terms in Einstein notation.
 * @derived Stein's lemma, one weight at a time.
 */
import {
  type Contraction,
  type ContractionTable,
  delta,
  dummiesOf,
  type Factor,
  likeKey,
  mergeLikeTerms,
  multiply,
  renamed,
  type Term,
  termOf,
} from '../../../ir/einsum/index.ts';
import { activation, contractionsOf, isUpper, isWeight, numberOf, withoutBias } from './sums.ts';

/** Layer l of a network whose higher weights are integrated out. */
export interface WickLayer {
  readonly layer: number;
  readonly layers: number;
  readonly table: ContractionTable;
  /** Whether a term may be left out. */
  readonly isSmall: (term: Term) => boolean;
}

/** Far above the dummies of canonical forms. */
const apart = 1_000_000;

/**
 * The expectation of terms over the weights of one layer: terms without them, like ones merged.
 * Terms with most weights first, so that all that become alike are merged before they are worked on.
 */
export function withoutWeights(
  terms: Iterable<Term>,
  wick: WickLayer,
): { readonly terms: readonly Term[]; readonly products: number } {
  const byWeights: Map<string, Term>[] = [];
  const insert = (term: Term): void => {
    if (wick.isSmall(term)) return;
    const left = weightsOf(term, wick.layer);
    byWeights[left] ??= new Map();
    const key = likeKey(term);
    const old = byWeights[left].get(key);
    byWeights[left].set(key, old === undefined ? term : { ...old, coefficient: old.coefficient + term.coefficient });
  };
  for (const term of terms) insert(term);
  const meet = meetings(wick);
  let products = 0;
  for (let left = byWeights.length - 1; left > 0; left--)
    for (const term of byWeights[left]?.values() ?? []) {
      if (term.coefficient === 0) continue;
      products++;
      for (const next of integrated(term, wick, meet)) insert(next);
    }
  return { terms: [...(byWeights[0]?.values() ?? [])].filter(({ coefficient }) => coefficient !== 0), products };
}

const holds = ({ factors }: Contraction, layer: number): boolean =>
  factors.some(({ tensor }) => tensor === `W${layer}`);

const weightsOf = ({ contractions }: Term, layer: number): number =>
  contractions.reduce((sum, { factors }) => sum + factors.filter(({ tensor }) => tensor === `W${layer}`).length, 0);

type Meet = (holder: Contraction, other: Contraction | undefined) => readonly Term[];

/** One weight of the term taken away: it meets each factor of the term in turn. */
function* integrated(term: Term, { layer }: WickLayer, meet: Meet): Iterable<Term> {
  const at = term.contractions.findIndex((c) => holds(c, layer));
  const holder = term.contractions[at]!;
  const others = term.contractions.filter((_, n) => n !== at);
  for (const change of meet(holder, undefined)) yield multiply({ ...term, contractions: others }, change);
  for (let n = 0; n < others.length; n++) {
    const rest = { ...term, contractions: others.filter((_, k) => k !== n) };
    for (const change of meet(holder, others[n]!)) yield multiply(rest, change);
  }
}

/** Σ_ij (holder without W_ij) · ∂other/∂W_ij, or the same within the holder; each pair once. */
function meetings(wick: WickLayer): Meet {
  const known = new Map<string, readonly Term[]>();
  return (holder, other) => {
    const key = `${holder.id} ${other?.id ?? ''}`;
    const old = known.get(key);
    if (old !== undefined) return old;
    const at = holder.factors.findIndex(({ tensor }) => tensor === `W${wick.layer}`);
    const weight = holder.factors[at]!;
    const own = holder.factors.filter((_, n) => n !== at);
    const names = new Map(dummiesOf(other?.factors ?? []).map((index) => [index, index + apart]));
    const met =
      other === undefined ? meeting(weight, own, [], wick) : meeting(weight, renamed(other.factors, names), own, wick);
    known.set(key, met);
    return met;
  };
}

/** Σ over factors f of `met` of ∂f/∂weight times all other factors. */
function meeting(
  weight: Factor,
  met: readonly Factor[],
  kept: readonly Factor[],
  { layer, layers, table }: WickLayer,
): readonly Term[] {
  return mergeLikeTerms(
    met.flatMap((factor, n) => {
      const change = derivativeOf(factor, weight, layer);
      if (change === undefined) return [];
      const powers = Array.from({ length: layers }, (_, l) => (l === layer - 1 ? change.scales : 0));
      const factors = [...kept, ...met.filter((_, k) => k !== n), ...change.factors];
      return [termOf(1, powers, contractionsOf(factors, table))];
    }),
  );
}

/** ∂/∂W_ij of one factor, with powers of the scale of the layer; what the layers above are does not count, see recursion.ts. */
function derivativeOf(
  factor: Factor,
  { indices: [i, j] }: Factor,
  layer: number,
): { readonly scales: number; readonly factors: readonly Factor[] } | undefined {
  if (isUpper(factor)) return undefined;
  const { tensor, derivative: p, sample, indices } = withoutBias(factor);
  const [o, k] = indices as readonly [number, number];
  if (numberOf(tensor) !== layer || tensor === 'u1') return undefined;
  if (isWeight(factor)) return { scales: 0, factors: [delta(i!, o), delta(j!, k)] };
  return {
    scales: 1,
    factors: [activation(layer, p + 1, sample, o), delta(o, i!), activation(layer - 1, 0, sample, j!)],
  };
}
