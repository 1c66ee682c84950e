/** Runs the rules: an expectation becomes Σ scale · Π quantities · P(orthant), without a number of S in it. */
import { type Expectation, type Factor, firstRule, type Quantity } from './rules.ts';

/** scale · Π quantities · P(u_i > 0, i in points | u_j = 0, j in given). */
export interface ReducedTerm {
  readonly scale: number;
  readonly quantities: readonly Quantity[];
  readonly points: readonly number[];
  readonly given: readonly number[];
}

const memo = new Map<string, readonly ReducedTerm[]>();

/** The closed form of an expectation; the same for all covariances, so it is derived once. */
export function reduced(expectation: Expectation): readonly ReducedTerm[] {
  const key = keyOf(expectation);
  const known = memo.get(key);
  if (known !== undefined) return known;
  const result = step(expectation);
  memo.set(key, result);
  return result;
}

function step(expectation: Expectation): readonly ReducedTerm[] {
  const { factors, given } = expectation;
  const use = firstRule(expectation);
  if (use === undefined)
    return [{ scale: 1, quantities: [], points: factors.map(({ point }) => point).sort((a, b) => a - b), given }];
  return mergedTerms(
    use.rule.apply(expectation, use.at).flatMap(({ scale, quantities, expectation: next }) =>
      reduced(next).map((term) => ({
        ...term,
        scale: scale * term.scale,
        quantities: [...quantities, ...term.quantities].sort((a, b) => compare(quantityKey(a), quantityKey(b))),
      })),
    ),
  );
}

function mergedTerms(terms: readonly ReducedTerm[]): readonly ReducedTerm[] {
  const byKey = new Map<string, ReducedTerm>();
  for (const term of terms) {
    const key = `${term.quantities.map(quantityKey).join(' ')}|${term.points}|${term.given}`;
    const known = byKey.get(key);
    byKey.set(key, known === undefined ? term : { ...known, scale: known.scale + term.scale });
  }
  return [...byKey.values()].filter(({ scale }) => scale !== 0);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const quantityKey = ({ kind, i, j, given }: Quantity) => `${kind}${i},${j}/${given}`;
const factorKey = ({ point, piece }: Factor) => `${point}${piece.kind}${piece.degree}`;
const keyOf = ({ factors, given }: Expectation) => `${factors.map(factorKey).join(' ')}/${given}`;
