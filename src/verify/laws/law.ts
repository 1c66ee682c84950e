import type { SingleKernel } from '../../ir/program/index.ts';
import type { Inputs } from '../../runtime/kernel.ts';
import type { TestedActivation } from '../activations.ts';
import type { Compiler, Setting } from '../setting.ts';
import type { LawResult } from '../types.ts';

export interface GramChoice {
  readonly layerWeights?: readonly number[];
  /** Compute x against x as if they were different inputs. */
  readonly paired?: boolean;
  /** Which inputs: `x`, or its first `few`. */
  readonly of?: 'all' | 'few';
}

/** What laws are applied to. */
export interface LawContext extends Setting {
  /** The reference's kernels of the network. */
  readonly compile: Compiler;
  /** Gram matrix [n n] of x by the reference, computed once: with the analytic diagonal, or with every entry paired. */
  readonly gramOf: (kernel: SingleKernel, how?: GramChoice) => Promise<Float64Array>;
  /** Inputs with hard cases among them: near duplicates, opposites, large and small norms, zero. */
  readonly x: Inputs;
  /** The first of these, for laws that hold whatever the inputs: all where they are cheap. */
  readonly few: Inputs;
  readonly activations: readonly TestedActivation[];
}

/** The worst error of a law on one subject; `allowed` is its tolerance there. */
export interface Finding {
  readonly subject: string;
  readonly error: number;
  readonly allowed: number;
  readonly at: string;
}

/** A statement that holds for every right kernel, whatever the network. */
export interface Law {
  readonly name: string;
  readonly checks: string;
  readonly source: string;
  readonly run: (context: LawContext) => Promise<readonly Finding[]>;
}

export const resultOf = ({ name, checks, source }: Law, { subject, error, allowed, at }: Finding): LawResult => ({
  law: name,
  checks,
  source,
  subject,
  // Written so that NaN fails.
  passed: error <= allowed,
  error: Number.isFinite(error) ? error : null,
  tolerance: allowed,
  at,
});

/** Keeps the worst of several errors, each in units of what is allowed there. */
export function worstOf(subject: string): {
  readonly add: (error: number, allowed: number, at: () => string) => void;
  readonly finding: () => Finding;
} {
  let worst: Finding = { subject, error: 0, allowed: Number.POSITIVE_INFINITY, at: '' };
  return {
    add: (error, allowed, at) => {
      const ratio = error / allowed;
      if (Number.isNaN(worst.error) || ratio < worst.error / worst.allowed) return;
      if (ratio > worst.error / worst.allowed || worst.at === '' || Number.isNaN(ratio))
        worst = { subject, error, allowed, at: at() };
    },
    finding: () => worst,
  };
}

/** |a − b| / √(a_ii a_jj) entry by entry, with a the matrix that is trusted; vanishing samples are compared as they are. */
export function compareGrams(
  subject: string,
  a: Float64Array,
  b: Float64Array,
  n: number,
  allowed: (i: number, j: number) => number,
): Finding {
  const worst = worstOf(subject);
  const root = rootsOf(a, n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      const error = Math.abs(a[i * n + j]! - b[i * n + j]!) / (root[i]! * root[j]!);
      worst.add(error, allowed(i, j), () => `samples ${i}, ${j}`);
    }
  return worst.finding();
}

/** √a_ii, and 1 where a sample vanishes: what errors are relative to. */
export const rootsOf = (a: Float64Array, n: number): readonly number[] =>
  Array.from({ length: n }, (_, i) => Math.sqrt(Math.abs(a[i * n + i]!)) || 1);
