import type { Network } from '../../../ir/arch/index.ts';
import type { HierarchyProgram } from '../../../ir/hierarchy/index.ts';
import type { TensorProgram } from '../../../ir/tensor/tensorProgram.ts';
import { type ExplicitOptions, explicitHierarchy } from './index.ts';

/**
 * K_order of a network as data that code is made from.
 * @param finite the network at the widths of its parameters, as `finiteNetwork` makes it
 * @throws NtkcError where the order or the network has no explicit form, or the terms are more than the limit
 */
export function hierarchyProgram(
  network: Network,
  order: number,
  finite: TensorProgram,
  options: ExplicitOptions = {},
): HierarchyProgram {
  const { terms } = explicitHierarchy(network, order, options);
  return { name: network.name, order, network: finite, terms };
}
