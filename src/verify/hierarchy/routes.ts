/** Three routes to K_r that share no code: explicit terms, jets, finite differences of the empirical NTK. */
import { plural } from '../../alignedTable.ts';
import { expectedHierarchy } from '../../derive/hierarchy/expectation.ts';
import { explicitHierarchy } from '../../derive/hierarchy/explicit/index.ts';
import { NtkcError } from '../../errors.ts';
import { hierarchyAt } from '../../runtime/empirical/hierarchy/index.ts';
import { empiricalNtk } from '../../runtime/empirical/index.ts';
import type { HierarchyRoutes } from '../types.ts';
import type { Extrapolated } from './extrapolate.ts';
import { alongGradients } from './finiteDifferences.ts';
import type { Subject } from './subject.ts';

export type Tuple = readonly number[];

/** Values of a kernel at some tuples, by one route. */
export interface Route {
  readonly name: string;
  /** By the tuple, written as "0,1,2"; absent where this route has none. */
  readonly values: ReadonlyMap<string, Extrapolated>;
  /** What a reader should know about it. */
  readonly remark: string;
}

/** A route that could not be taken, and why. */
export interface Refusal {
  readonly name: string;
  readonly reason: string;
}

export const standardRoutes: HierarchyRoutes = {
  explicit: explicitHierarchy,
  jets: hierarchyAt,
  ntk: empiricalNtk,
  expected: expectedHierarchy,
};

/** Products of the explicit level that are derived at most: 0.2 s. */
const maxTerms = 4000;
/** Layers of the networks whose terms are derived at most: K3 of ten takes 0.4 s, and more with the cube of their number. */
const maxLayers = 10;
/** Terms evaluated at most, all tuples together: 50 µs each. */
const termEvaluations = 8000;

export const keyOf = (tuple: Tuple): string => tuple.join(',');

export function byJets(
  { program, parameters, x, n }: Subject,
  tuples: readonly Tuple[],
  jets: HierarchyRoutes['jets'],
) {
  const values = jets(program, parameters, x, n, tuples);
  return routeOf('jets', tuples, (_, k) => ({ value: values[k]!, error: 0 }));
}

/** As many of the tuples, from the first, as the number of terms allows. */
export function byTerms(
  { network, program, parameters, rows }: Subject,
  tuples: readonly Tuple[],
  derive: HierarchyRoutes['explicit'],
): Route | Refusal {
  const name = 'terms';
  const order = tuples[0]!.length;
  if (program.layers > maxLayers)
    return { name, reason: `terms are derived here for networks of at most ${maxLayers} layers` };
  const derived = attempted(() => derive(network, order, { maxTerms }));
  if (derived instanceof NtkcError) return { name, reason: derived.what };
  const { terms, evaluate } = derived;
  const some = tuples.slice(0, Math.max(2, Math.floor(termEvaluations / Math.max(1, terms.length))));
  const route = routeOf(name, some, (tuple) => ({ value: evaluate(parameters, rows, tuple), error: 0 }));
  return { ...route, remark: plural(terms.length, 'term') };
}

function attempted<T>(f: () => T): T | NtkcError {
  try {
    return f();
  } catch (error) {
    if (error instanceof NtkcError) return error;
    throw error;
  }
}

/** The derivative of K2 along the gradients at the last samples of each tuple, by central differences. */
export function byDifferences(
  subject: Subject,
  tuples: readonly Tuple[],
  ntk: HierarchyRoutes['ntk'],
): Route | Refusal {
  const known = new Map<string, readonly Extrapolated[] | undefined>();
  const values = new Map<string, Extrapolated>();
  for (const tuple of tuples) {
    const [alpha, beta, ...along] = tuple as readonly [number, number, ...number[]];
    const key = keyOf(along);
    if (!known.has(key)) known.set(key, alongGradients(subject, along, ntk));
    const value = known.get(key)?.[alpha * subject.n + beta];
    if (value !== undefined) values.set(keyOf(tuple), value);
  }
  const name = 'differences';
  if (values.size === 0) return { name, reason: 'a kink or an overflow is too near for any step' };
  return { name, values, remark: '' };
}

const routeOf = (name: string, tuples: readonly Tuple[], at: (tuple: Tuple, k: number) => Extrapolated): Route => ({
  name,
  values: new Map(tuples.map((tuple, k) => [keyOf(tuple), at(tuple, k)])),
  remark: '',
});
