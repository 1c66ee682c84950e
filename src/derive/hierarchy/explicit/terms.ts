/** From K_2 to K_r: D_γ on terms, by the product rule over their contractions. */
import {
  type Contraction,
  type ContractionTable,
  contractDeltas,
  contractionTable,
  mergeLikeTerms,
  multiply,
  type Term,
  termOf,
} from '../../../ir/einsum/index.ts';
import { namedInputs, type Product, type Rules } from './rules.ts';

export interface DerivedTerms {
  readonly terms: readonly Term[];
  /** Terms of K_2, K_3, .., K_r after like terms were merged. */
  readonly termsByOrder: readonly number[];
}

/** The terms of K_order at samples 0 .. order − 1, like terms merged. */
export function deriveTerms(rules: Rules, order: number): DerivedTerms {
  const table = contractionTable();
  let terms = mergeLikeTerms(rules.start(0, 1).map((product) => termFrom(product, table)));
  const termsByOrder = [terms.length];
  for (let gamma = 2; gamma < order; gamma++) {
    const derivativeOf = contractionDerivative(rules, table, gamma);
    terms = mergeLikeTerms(derivativesOf(terms, derivativeOf));
    termsByOrder.push(terms.length);
  }
  return { terms, termsByOrder };
}

const termFrom = ({ powers, factors }: Product, table: ContractionTable): Term =>
  termOf(1, powers, table.split(namedInputs(contractDeltas(factors))));

function* derivativesOf(terms: readonly Term[], derivativeOf: (c: Contraction) => readonly Term[]): Iterable<Term> {
  for (const term of terms) {
    for (let at = 0; at < term.contractions.length; at++) {
      const rest = { ...term, contractions: term.contractions.filter((_, n) => n !== at) };
      for (const changed of derivativeOf(term.contractions[at]!)) yield multiply(rest, changed);
    }
  }
}

/** D_γ of a contraction, computed once for each. */
function contractionDerivative(
  rules: Rules,
  table: ContractionTable,
  gamma: number,
): (c: Contraction) => readonly Term[] {
  const known = new Map<number, readonly Term[]>();
  return ({ id, factors }) => {
    const old = known.get(id);
    if (old !== undefined) return old;
    const changed = factors.flatMap((factor, at) => {
      const others = factors.filter((_, n) => n !== at);
      return rules
        .derivative(factor, gamma)
        .map((product) => termFrom({ ...product, factors: [...others, ...product.factors] }, table));
    });
    const merged = mergeLikeTerms(changed);
    known.set(id, merged);
    return merged;
  };
}
