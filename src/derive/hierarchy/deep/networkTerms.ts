import type { Network } from '../../../ir/arch/index.ts';
import { explicitHierarchy } from '../explicit/index.ts';
import { type LeadingTerms, leadingTerms } from './recursion.ts';

const known = new Map<string, LeadingTerms>();

/**
 * The leading terms of E K_order of a network of dense layers and activations in turn: they depend on the number of
 * layers alone, so they are derived once.
 */
export function networkTerms(network: Network, layers: number, order: number): LeadingTerms {
  const key = `${layers} ${order}`;
  const old = known.get(key);
  if (old !== undefined) return old;
  const { terms } = explicitHierarchy(network, order, { abstract: true });
  const fresh = leadingTerms(terms, layers, 1 - order / 2);
  known.set(key, fresh);
  return fresh;
}
