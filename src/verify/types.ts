/** What `verify` is asked and what it answers. The report is plain data: JSON.stringify keeps all of it. */
import type { expectedHierarchy } from '../derive/hierarchy/expectation.ts';
import type { explicitHierarchy } from '../derive/hierarchy/explicit/index.ts';
import type { derive } from '../derive/index.ts';
import { type SingleKernel, singleKernels } from '../ir/program/index.ts';
import type { Op } from '../ops/op.ts';
import type { hierarchyAt } from '../runtime/empirical/hierarchy/index.ts';
import type { empiricalNtk } from '../runtime/empirical/index.ts';
import type { DynamicsReport, NoDynamics } from './dynamics/types.ts';
import type { VerifyProgress } from './progress.ts';

/** Kernels of the hierarchy, of finite networks. */
export const hierarchyKernels = ['k3', 'k4'] as const;
export type HierarchyKernel = (typeof hierarchyKernels)[number];

export const verifiedKernels = [...singleKernels, ...hierarchyKernels];
export type VerifiedKernel = SingleKernel | HierarchyKernel;

/** What computes K3 and K4, and the expectation of K4. */
export interface HierarchyRoutes {
  readonly explicit: typeof explicitHierarchy;
  readonly jets: typeof hierarchyAt;
  /** K2, whose finite differences are the third route. */
  readonly ntk: typeof empiricalNtk;
  readonly expected: typeof expectedHierarchy;
}

export interface VerifyOptions {
  /** Default: all five, or only nngp for a network without parameters. */
  readonly kernels?: readonly VerifiedKernel[];
  /** Widths of the finite networks, at least two. Default 64, 256, 1024; narrower ones where positions make them dear. */
  readonly widths?: readonly number[];
  /** Independent networks at each width: one number for all, or one a width. Default: what takes about 10 s. */
  readonly samples?: number | readonly number[];
  /** Default 0. The same seed gives the same report, but for its times. */
  readonly seed?: number;
  /**
   * Rows of inputs: their numbers, then of masked networks 1 or 0 for each position, then of graphs the pattern.
   * Default: five, from the seed; generic ones, one near another and one nearly opposite.
   */
  readonly inputs?: readonly (readonly number[])[];
  /** Weights μ_l of the weighted NTK. Default: all different, so that exchanged weights are seen. */
  readonly layerWeights?: readonly number[];
  /** Targets compared with the reference: wasm, tfjs, or tfjs:cpu, tfjs:wasm, ... Default: wasm, the default of compile. */
  readonly targets?: readonly string[];
  /** Probability that the Monte Carlo verdict rejects a right derivation, all kernels and entries together. Default 1e-3. */
  readonly falseAlarm?: number;
  /** Ops to derive and to sample with; the registry's unless a test plants others. */
  readonly vocabulary?: ReadonlyMap<string, Op>;
  /** The derivation under test; ntkc's unless a test plants a wrong one. */
  readonly derive?: typeof derive;
  /** The routes to K3 and K4 under test; ntkc's unless a test plants wrong ones. */
  readonly routes?: Partial<HierarchyRoutes>;
  /** Also trains finite networks and compares their kernels with the hierarchy, where it takes seconds. Default: false. */
  readonly dynamics?: boolean;
  readonly onProgress?: (progress: VerifyProgress) => void;
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  readonly ntkcVerify: 1;
  readonly network: string;
  /** The network's layers, one a line. */
  readonly layers: readonly string[];
  /** Every law holds, every kernel agrees, and no route to K3 or K4 disagrees. */
  readonly passed: boolean;
  readonly kernels: readonly VerifiedKernel[];
  readonly seed: number;
  readonly falseAlarm: number;
  /** x[n][d]: the inputs of the Monte Carlo test. */
  readonly inputs: readonly (readonly number[])[];
  readonly layerWeights: readonly number[];
  readonly laws: readonly LawResult[];
  readonly monteCarlo: readonly KernelTest[];
  /** K3 and K4 of small finite networks, and the expectation of K4. */
  readonly hierarchy: readonly HierarchyResult[];
  /** How the kernels of trained networks moved, and what the hierarchy predicted; no part of `passed`. */
  readonly dynamics?: DynamicsReport | NoDynamics;
  readonly activations: readonly ActivationCurves[];
  /** What a reader should know about how the test was made. */
  readonly notes: readonly string[];
  readonly seconds: {
    readonly laws: number;
    readonly hierarchy: number;
    readonly monteCarlo: number;
    readonly dynamics: number;
  };
}

export interface LawResult {
  readonly law: string;
  /** What the law says, in a sentence. */
  readonly checks: string;
  readonly source: string;
  /** What it was applied to, e.g. "ntk" or "relu at layers[1]". */
  readonly subject: string;
  readonly passed: boolean;
  /** The worst error found, in the measure of its tolerance; null when it is not a finite number. */
  readonly error: number | null;
  readonly tolerance: number;
  /** Where the worst error is, e.g. "samples 0, 3". */
  readonly at: string;
}

/** One comparison of values of a kernel of the hierarchy. */
export interface HierarchyResult {
  readonly kernel: HierarchyKernel;
  /** e.g. "explicit terms = jets". */
  readonly check: string;
  /** What is compared, in a sentence. */
  readonly checks: string;
  /** What it was done on, e.g. "4 tuples, width 6, 57 terms". */
  readonly subject: string;
  readonly verdict: 'agrees' | 'disagrees' | 'left out';
  /** The largest deviation; null where there is none, or none that is a finite number. */
  readonly error: number | null;
  /** What it may be; null where the check is left out. */
  readonly allowed: number | null;
  /** relative: to the largest value compared. */
  readonly unit: 'relative' | 'standard errors';
  /** Why this much is allowed, or why the check was left out. */
  readonly why: string;
  /** Where the largest deviation is, e.g. "tuple 0, 1, 2". */
  readonly at: string;
}

/** One kernel against finite networks. Matrices are [n n], row-major. */
export interface KernelTest {
  readonly kernel: SingleKernel;
  readonly n: number;
  readonly verdict: 'agrees' | 'disagrees';
  readonly widths: readonly WidthResult[];
  /**
   * Relative deviation from the limit, extrapolated to infinite width: the intercept of a fit in 1/width of
   * (mean − limit)/√(limit_ii limit_jj), and its standard error.
   */
  readonly deviation: readonly number[];
  readonly deviationError: readonly number[];
  /** Powers of 1/width in the fit. */
  readonly powers: readonly number[];
  /** Bound assumed on what the fit's neglected power adds to the intercept, relative. */
  readonly allowance: number;
  /** Score of each entry: the deviation beyond the allowance, as a normal score (Student's t made normal). */
  readonly z: readonly number[];
  readonly worst: { readonly i: number; readonly j: number; readonly z: number };
  /** |z| beyond this rejects: the two-sided normal quantile at falseAlarm/tests. */
  readonly threshold: number;
  /** Scores compared in the whole report; the union bound over them keeps the false-alarm probability. */
  readonly tests: number;
  /** A relative error of this size in an entry is detected with probability one half: median and largest over entries. */
  readonly detectable: { readonly median: number; readonly largest: number };
  readonly bias: BiasFit;
}

export interface WidthResult {
  readonly width: number;
  readonly samples: number;
  readonly limit: readonly number[];
  readonly mean: readonly number[];
  readonly standardError: readonly number[];
  /** The largest |mean − limit| / standardError: grows with the samples, because of the bias of finite width. */
  readonly worstZ: number;
}

/** The finite-width bias of one entry, the one where it stands out most at the two smallest widths. */
export interface BiasFit {
  readonly i: number;
  readonly j: number;
  /** (mean − limit)/√(limit_ii limit_jj) at each width, and its standard error. */
  readonly relative: readonly number[];
  readonly relativeError: readonly number[];
  /** The slope in 1/width of these deviations, the limit taken as given, and its standard error. */
  readonly slope: number;
  readonly slopeError: number;
  /** Slope of log |bias| on log width over the widths where the bias exceeds three standard errors; −1 is expected. */
  readonly logLogSlope: number | null;
}

/** κ and κ̇ of one activation on inputs of equal variance q, against the correlation ρ. */
export interface ActivationCurves {
  /** e.g. "relu at layers[1], layers[3]". */
  readonly name: string;
  readonly formula: string;
  readonly q: number;
  readonly rho: readonly number[];
  readonly kappa: readonly number[];
  readonly dotKappa: readonly number[];
  /** By quadrature of E φφ and E φ'φ', which shares no formula with the curves. */
  readonly quadrature: {
    readonly rho: readonly number[];
    readonly kappa: readonly number[];
    readonly dotKappa: readonly number[];
  };
}
