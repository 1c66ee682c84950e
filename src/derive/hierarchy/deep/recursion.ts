/**
 * The expectation of a hierarchy over the weights, layer by layer from the output. What the layers above leave to the
 * ones below are sums F of products over neurons, each defined by those above it.
 *
 * @derived Given the layer below, a sum over neurons of layer l is a mean over independent ones: it has a value that the
 * covariance Σ of their pre-activations sets, and fluctuates by 1/√m of it, as does Σ. A term F·Y, Y from the layers below,
 * is no larger than the product of their root mean squares; where that is of the order asked for, the fluctuation of F
 * adds to E F·Y what is 1/√m of it, and F counts as a number. No term is larger than the order asked for: this is checked.
 */
import {
  type Contraction,
  type ContractionTable,
  contractionTable,
  likeKey,
  type Term,
  termOf,
} from '../../../ir/einsum/index.ts';
import { orderTable, termOrder } from './order.ts';
import { contractionsOf, isInput, isUpper, numberOf, upper } from './sums.ts';
import { withoutWeights } from './wick.ts';

/** F: a sum of scales and products of sums over single neurons of one layer, and of the F of the layer above it. */
export interface UpperSum {
  readonly layer: number;
  /** Power of the width. */
  readonly order: number;
  readonly terms: readonly Term[];
}

/** The leading power of the width in E K_r: scales, sums over single neurons of the first layer, and F. */
export interface LeadingTerms {
  readonly layers: number;
  readonly terms: readonly Term[];
  /** By the number in F's name; each after those it reads. */
  readonly upper: readonly UpperSum[];
  /** Products worked on, and terms left, layer by layer from the output. */
  readonly steps: readonly { readonly layer: number; readonly products: number; readonly terms: number }[];
}

/**
 * @param terms of K_r, derivatives of activations kept
 * @param order the leading power of the width: lower ones are left out
 */
export function leadingTerms(terms: readonly Term[], layers: number, order: number): LeadingTerms {
  const table = contractionTable();
  const sums: UpperSum[] = [];
  const sizeOf = orders(sums);
  const isSmall = (term: Term) => sizeOf(term) < order;
  const steps: LeadingTerms['steps'][number][] = [];
  let current: readonly Term[] = terms.map(({ coefficient, powers, contractions }) =>
    termOf(
      coefficient,
      powers,
      contractions.flatMap(({ factors }) => contractionsOf(factors, table)),
    ),
  );
  for (let layer = layers; layer > 1; layer--) {
    if (current.some((term) => sizeOf(term) > order))
      throw new Error(`ntkc bug: a term of the hierarchy is larger than m^${order}`);
    const { terms: left, products } = withoutWeights(current, { layer, layers, table, isSmall });
    current = layer === layers ? left : grouped(left, layer, sums, sizeOf, table);
    steps.push({ layer, products, terms: current.length });
  }
  return { layers, terms: current, upper: sums, steps };
}

/** The order of terms. */
function orders(sums: readonly UpperSum[]): (term: Term) => number {
  const known = orderTable();
  const orderOf = (c: Contraction): number =>
    isUpper(c.factors[0]!) ? sums[numberOf(c.factors[0]!.tensor)]!.order : known(c);
  return (term) => termOrder(term, orderOf);
}

/** The layer of a contraction's highest index; for F above all. */
const layerOf = ({ factors }: Contraction): number =>
  Math.max(
    ...factors.map((factor) => {
      if (isUpper(factor)) return Number.POSITIVE_INFINITY;
      return numberOf(factor.tensor) - (isInput(factor) ? 1 : 0);
    }),
  );

/** Terms with the same lower layers made one, with a sum F for all they have above; equal sums are one, up to a factor. */
function grouped(
  terms: readonly Term[],
  layer: number,
  sums: UpperSum[],
  sizeOf: (term: Term) => number,
  table: ContractionTable,
): readonly Term[] {
  const groups = new Map<string, { readonly below: Term; readonly above: Term[] }>();
  for (const term of terms) {
    const isAbove = (c: Contraction) => layerOf(c) >= layer;
    const none = term.powers.map(() => 0);
    const rest = term.contractions.filter((c) => !isAbove(c));
    const below = termOf(1, none, rest);
    const above = { ...term, contractions: term.contractions.filter(isAbove) };
    const group = groups.get(likeKey(below));
    if (group === undefined) groups.set(likeKey(below), { below, above: [above] });
    else group.above.push(above);
  }
  const numbers = new Map<string, number>();
  return [...groups.values()].map(({ below, above }) => {
    const { factor, sum, key } = normalised(above);
    const id = numbers.get(key) ?? sums.push({ layer, order: sizeOf(sum[0]!), terms: sum }) - 1;
    numbers.set(key, id);
    return termOf(factor, below.powers, [...below.contractions, ...table.split([upper(id)])]);
  });
}

/** A sum as a number times one that begins with the coefficient 1, terms in an order of their own. */
function normalised(terms: readonly Term[]) {
  const keyed = terms.map((term) => ({ term, key: likeKey(term) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const factor = keyed[0]!.term.coefficient;
  const sum = keyed.map(({ term }) => ({ ...term, coefficient: term.coefficient / factor }));
  return { factor, sum, key: keyed.map(({ key }, n) => `${sum[n]!.coefficient} ${key}`).join(' + ') };
}
