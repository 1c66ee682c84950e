import { NtkcError } from '../errors.ts';
import type { JoinRule, Kernel } from '../ops/op.ts';
import { same } from './statements.ts';

/** What is known of the network's value after some layers. */
export interface State {
  readonly nngp: Kernel;
  /** Tangent kernels in flight by output name: one, or one a parametrised layer. Empty for the NNGP alone. */
  readonly tangents: ReadonlyMap<string, Kernel>;
  /** What keeps the neurons from being Gaussian and independent of each other; empty where an activation may follow. */
  readonly notGaussian: readonly string[];
  /** Whether all neurons have the same distribution. */
  readonly uniform: boolean;
  /** The layers whose outputs this value is a plain sum of, or a concatenation. */
  readonly origins: ReadonlySet<Origin>;
  readonly width: Width;
  /** Positions along each spatial axis; [] for vectors. */
  readonly extents: readonly number[];
}

export type Kernels = Pick<State, 'nngp' | 'tangents'>;

/** Whether kernels have the same formulas at the same positions. */
export function sameKernels(a: Kernels, b: Kernels): boolean {
  const isSame = (k: Kernel, other: Kernel | undefined) =>
    k.pair === other?.pair && k.self === other.self && same(k.extents, other.extents);
  return isSame(a.nngp, b.nngp) && [...a.tangents].every(([of, t]) => isSame(t, b.tangents.get(of)));
}

/** A number of neurons, or where none is declared that many times the width of such layers. */
export interface Width {
  readonly units: number;
  readonly free: boolean;
}

/**
 * Where a summand comes from, and what parameters of its layer's own make of it given all that was there before:
 * independent, Gaussian of mean zero; centred, of mean zero at least; dependent, neither. `input` is the data itself.
 */
export interface Origin {
  readonly path: string;
  readonly given: 'input' | 'dependent' | 'centred' | 'independent';
}

export const isCentred = ({ given }: Origin): boolean => given === 'centred' || given === 'independent';

/** Length of a value for rules that depend on it: Infinity where no width is declared. */
export const lengthOf = ({ units, free }: Width): number => (free ? Number.POSITIVE_INFINITY : units);

/** All that a join makes of its branches but the kernels. */
export type Joined = Omit<State, 'nngp' | 'tangents'>;

/**
 * Branches joined at `path`, having split from a value of the given origins.
 * @throws NtkcError where the kernels of these branches do not give the kernel of the join
 */
export function joined(
  neurons: JoinRule['neurons'],
  path: string,
  branches: readonly State[],
  split: State['origins'],
): Joined {
  const [only] = branches;
  if (only !== undefined && branches.length === 1) return only;
  const origins = new Set(branches.flatMap((s) => [...s.origins]));
  const notGaussian = branches.flatMap((s) => s.notGaussian);
  const { extents } = branches[0] as State;
  switch (neurons) {
    case 'added':
      requireUncorrelated(branches, split);
      return { notGaussian, uniform: branches.every((s) => s.uniform), origins, width: commonWidth(branches), extents };
    case 'multiplied': {
      const given = requireIndependent(branches, split) ? 'independent' : 'centred';
      const uniform = branches.every((s) => s.uniform);
      return {
        notGaussian: [path],
        uniform,
        origins: new Set([{ path, given }]),
        width: commonWidth(branches),
        extents,
      };
    }
    case 'concatenated': {
      const units = branches.reduce((sum, s) => sum + s.width.units, 0);
      const width = { units, free: branches[0]?.width.free ?? false };
      return { notGaussian: [path], uniform: false, origins, width, extents };
    }
  }
}

/** Shares of the branches in the neurons of their concatenation. @throws NtkcError where only some widths are declared */
export function sharesOf(branches: readonly State[]): readonly number[] {
  const free = branches.filter((s) => s.width.free).length;
  if (free > 0 && free < branches.length)
    throw new NtkcError({
      what: 'some branches declare their width and some do not, so what share of the neurons each has is unknown',
      expected: 'a width in every branch, or in none',
      next: 'Set width in the last dense of each branch.',
    });
  const total = branches.reduce((sum, s) => sum + s.width.units, 0);
  return branches.map((s) => s.width.units / total);
}

/** Whether an origin has parameters that came after the split: those before it, every branch may share. */
const sinceSplit = (split: State['origins'], test: (o: Origin) => boolean) => (o: Origin) => !split.has(o) && test(o);

/**
 * E[f_i(x) f_j(x')] must vanish between branches for their kernels to add: each branch but one must be centred by
 * parameters of its own, made since the split, and none may hold a summand of another.
 */
function requireUncorrelated(branches: readonly State[], split: State['origins']): void {
  const seen = new Set<Origin>();
  for (const { origins } of branches)
    for (const origin of origins) {
      if (seen.has(origin))
        throw new NtkcError({
          what: `two branches both pass on the output of ${origin.path}, so they are correlated and their kernels do not add`,
          expected: 'branches that share no parameters after the split, but for one []',
          next: 'Keep one of them, or end the other with dense().',
        });
      seen.add(origin);
    }
  const isFresh = sinceSplit(split, isCentred);
  const [first, second] = branches.flatMap((s) => [...s.origins].filter((o) => !isFresh(o)).slice(0, 1));
  if (first !== undefined && second !== undefined)
    throw new NtkcError({
      what: `the branches that end at ${first.path} and ${second.path} do not end in parameters of their own, so they are correlated and their kernels do not add`,
      expected: 'parameters of its own at the end of every branch but one',
      next: 'End the other with dense().',
    });
}

/**
 * E Π_i f_i(x) f_i(x') must be Π_i E f_i(x) f_i(x') for kernels to multiply: each branch but one must be independent of
 * all else by parameters of its own, made since the split; and neurons of different kinds must not meet.
 * @returns whether all of them are
 */
function requireIndependent(branches: readonly State[], split: State['origins']): boolean {
  const isFresh = sinceSplit(split, ({ given }) => given === 'independent');
  const others = branches.flatMap((s) => [...s.origins].filter((o) => !isFresh(o)).slice(0, 1));
  const [first, second] = others;
  if (first !== undefined && second !== undefined)
    throw new NtkcError({
      what: `the branches that end at ${first.path} and ${second.path} do not end in parameters of their own, so they are not independent and their kernels do not multiply`,
      expected: 'parameters of its own at the end of every branch but one',
      next: 'End the other with dense().',
    });
  if (branches.filter((s) => !s.uniform).length > 1)
    throw new NtkcError({
      what: 'two branches have neurons of several kinds, so their kernels do not multiply',
      expected: 'at most one branch that is a concatenation or the input',
      next: 'End the other with dense().',
    });
  return others.length === 0;
}

/** A free width agrees with a declared one, and with another free one of as many units. */
function commonWidth(branches: readonly State[]): Width {
  const declared = branches.find((s) => !s.width.free)?.width;
  const units = [...new Set(branches.map((s) => s.width.units))];
  if (declared === undefined && units.length > 1)
    throw new NtkcError({
      what: `branches are ${units.join(' and ')} times as wide as a layer that declares no width`,
      expected: 'the same width in every branch',
      next: 'End each with dense().',
    });
  return declared ?? (branches[0] as State).width;
}
