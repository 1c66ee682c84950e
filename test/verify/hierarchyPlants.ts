/** Wrong routes to K3 and K4 for the verifier to reject: each is one mistake that is easily made. */
import { expectedHierarchy } from '../../src/derive/hierarchy/expectation.ts';
import { evaluateTerms } from '../../src/derive/hierarchy/explicit/evaluate.ts';
import { type ExplicitHierarchy, explicitHierarchy } from '../../src/derive/hierarchy/explicit/index.ts';
import { finiteNetwork } from '../../src/derive/index.ts';
import { hierarchyAt } from '../../src/runtime/empirical/hierarchy/index.ts';
import { empiricalNtk } from '../../src/runtime/empirical/index.ts';
import type { HierarchyRoutes } from '../../src/verify/types.ts';

type Terms = ExplicitHierarchy['terms'];

/** The explicit level with its terms changed; the networks that verify makes declare all their widths. */
const withTerms =
  (change: (terms: Terms) => Terms): HierarchyRoutes['explicit'] =>
  (network, order, options) => {
    const right = explicitHierarchy(network, order, options);
    const program = finiteNetwork(network, { width: 1, outputs: 1 });
    const terms = change(right.terms);
    return { ...right, evaluate: (theta, x, tuple) => evaluateTerms(terms, program, theta, x, tuple, 0) };
  };

/** Term k with a factor 2, or without its 2. */
export const coefficientDoubled = (k: number) =>
  withTerms((terms) => terms.map((term, at) => (at === k ? { ...term, coefficient: 2 * term.coefficient } : term)));

export const termDropped = (k: number) => withTerms((terms) => terms.toSpliced(k, 1));

/** A weight scale to a power of its own in term k: 1/√width once more. */
export const powerOff = (k: number) =>
  withTerms((terms) =>
    terms.map((term, at) => (at === k ? { ...term, powers: term.powers.map((p, l) => (l === 1 ? p + 1 : p)) } : term)),
  );

const withTuples =
  (change: (tuple: readonly number[]) => readonly number[]): HierarchyRoutes['jets'] =>
  (program, parameters, x, n, tuples, options) =>
    hierarchyAt(program, parameters, x, n, tuples.map(change), options);

/** The gradients in the wrong order: K3(α, γ, β) and K4(α, β, ξ, γ). */
export const lastTwoExchanged = withTuples((tuple) => [...tuple.slice(0, -2), tuple.at(-1)!, tuple.at(-2)!]);

export const jetsTimes =
  (factor: number): HierarchyRoutes['jets'] =>
  (...args) =>
    hierarchyAt(...args).map((value) => factor * value);

/** The NTK without the layer that comes last. */
export const lastLayerForgotten: HierarchyRoutes['ntk'] = (...args) => {
  const right = empiricalNtk(...args);
  const last = right.layers.at(-1)!;
  return { ...right, ntk: right.ntk.map((value, e) => value - last[e]!) };
};

export const expectationTimes =
  (factor: number): HierarchyRoutes['expected'] =>
  (...args) =>
    expectedHierarchy(...args).map((value) => factor * value);
