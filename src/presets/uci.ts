import type { Network } from '../ir/arch/index.ts';
import { dense, network, relu } from '../ops/vocabulary.ts';
import { requireWhole } from './requireWhole.ts';

export interface UciOptions {
  /** Length of an input. */
  readonly features: number;
  /** Hidden ReLU layers. */
  readonly depth: number;
  /** So many layers from the first on have no part in the NTK; use the kernel wntk. */
  readonly fixed?: number;
}

/**
 * The fully connected kernel of Arora et al. 2020 on UCI tables, and of the WNTK's code: K0 = ⟨x, x'⟩ without 1/d, the
 * ReLU's factor 1/2π without He scaling, no bias; T ← T·κ̇ + μ_l K, so that its wntk with layer weights μ is theirs.
 * @throws NtkcError for numbers that are not whole, or too few
 */
export function uci({ features, depth, fixed = 0 }: UciOptions): Network {
  requireWhole(['features', features, 1], ['depth', depth, 0], ['fixed', fixed, 0]);
  const weight = (layer: number) => (layer < fixed ? { ntkWeight: 0 } : {});
  const first = dense({ wStd: Math.sqrt(features), ...weight(0) });
  const hidden = Array.from({ length: depth }, (_, i) => [relu(), dense(weight(i + 1))]).flat();
  return network({ name: `uci-${depth}`, input: { shape: [features] }, layers: [first, ...hidden] });
}
