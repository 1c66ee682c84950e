import { NtkcError } from '../errors.ts';
import type { Kernel } from '../ops/op.ts';

/** What is known of the network's value after some layers. */
export interface State {
  readonly nngp: Kernel;
  /** Tangent kernels in flight by output name: one, or one a parametrised layer. Empty for the NNGP alone. */
  readonly tangents: ReadonlyMap<string, Kernel>;
  /** Whether every neuron is Gaussian, independent of the others: what an activation needs. */
  readonly gaussian: boolean;
  /** The layers whose outputs this value is a plain sum of. */
  readonly origins: ReadonlySet<Origin>;
  /** Width, Infinity where none is declared. */
  readonly width: number;
}

/** Where a summand comes from. A fresh one has parameters of its own, so it is uncorrelated with every other. */
export interface Origin {
  readonly path: string;
  readonly fresh: boolean;
}

/**
 * E[f_i(x) f_j(x')] must vanish between branches for their kernels to add: each branch but one must end in parameters
 * of its own, and none may hold a summand of another.
 * @throws NtkcError otherwise
 */
export function checkIndependence(branches: readonly State[]): void {
  const seen = new Set<Origin>();
  const notFresh: Origin[] = [];
  for (const branch of branches) {
    for (const origin of branch.origins) {
      if (seen.has(origin))
        throw new NtkcError({
          what: `two branches both pass on the output of ${origin.path}, so they are correlated and their kernels do not add`,
          expected: 'branches that share no parameters after the split, but for one []',
          next: 'Keep one of them, or end the other with dense().',
        });
      seen.add(origin);
      if (!origin.fresh) notFresh.push(origin);
    }
  }
  const [first, second] = notFresh;
  if (first !== undefined && second !== undefined)
    throw new NtkcError({
      what: `the branches that end at ${first.path} and ${second.path} are not Gaussian, so they are correlated and their kernels do not add`,
      expected: 'at most one branch that ends in an activation or the input',
      next: 'End the other with dense().',
    });
}
