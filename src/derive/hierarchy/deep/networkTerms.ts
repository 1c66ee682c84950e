import { NtkcError } from '../../../errors.ts';
import type { Network } from '../../../ir/arch/index.ts';
import { explicitHierarchy } from '../explicit/index.ts';
import { type LeadingTerms, leadingTerms } from './recursion.ts';

/** Six layers take the better part of a minute, and every further one five times as long. */
const mostLayers = 6;

const known = new Map<string, LeadingTerms>();

/**
 * The leading terms of E K_order of a network of dense layers and activations in turn: they depend on the number of
 * layers alone, so they are derived once.
 * @throws NtkcError where the derivation of K_4 would take too long
 */
export function networkTerms(network: Network, layers: number, order: number): LeadingTerms {
  const key = `${layers} ${order}`;
  const old = known.get(key);
  if (old !== undefined) return old;
  if (order > 2 && layers > mostLayers)
    throw new NtkcError({
      what: `the expectation of K${order} of ${layers} layers would take too long to derive`,
      expected: `at most ${mostLayers} layers`,
      next: 'Sample finite networks (hierarchyAt).',
    });
  const { terms } = explicitHierarchy(network, order, { abstract: true });
  const fresh = leadingTerms(terms, layers, 1 - order / 2);
  known.set(key, fresh);
  return fresh;
}
