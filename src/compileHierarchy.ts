import type { ExplicitOptions } from './derive/hierarchy/explicit/index.ts';
import { hierarchyProgram } from './derive/hierarchy/explicit/program.ts';
import { finiteNetwork } from './derive/index.ts';
import type { Network } from './ir/arch/index.ts';
import type { TensorProgram } from './ir/tensor/tensorProgram.ts';
import { type CompiledHierarchy, type HierarchyLoadOptions, loadHierarchy } from './runtime/hierarchy/index.ts';

export interface CompileHierarchyOptions extends HierarchyLoadOptions, Pick<ExplicitOptions, 'maxTerms' | 'onCount'> {
  /** The network at its widths. Default: 1024 where none is declared, one output. */
  readonly finite?: TensorProgram;
}

/**
 * K_order of a finite network as planned, emitted code: at tuples of samples, at all of them, and contracted over all but
 * two, such as Σ_γ K3(α, β, γ) r_γ, the velocity of the NTK, in memory O(n²).
 *
 *     const k3 = await compileHierarchy(net, 3, { samples: n });
 *     const velocity = await (await k3.prepare({ parameters, x, n })).contracted(r);   // [n n]
 *
 * @throws NtkcError where the order or the network has no explicit form, or the terms are more than the limit
 */
export function compileHierarchy(
  network: Network,
  order: number,
  options: CompileHierarchyOptions = {},
): Promise<CompiledHierarchy> {
  const { finite = finiteNetwork(network, { width: 1024, outputs: 1 }), maxTerms, onCount, ...load } = options;
  const choices = { ...(maxTerms !== undefined && { maxTerms }), ...(onCount && { onCount }) };
  return loadHierarchy(hierarchyProgram(network, order, finite, choices), load);
}
