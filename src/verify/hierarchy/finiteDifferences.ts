/**
 * K3 and K4 from empirical NTKs alone: K3(α,β,γ) = d/dt K2(α,β) at θ + t ∇f_γ, and K4(α,β,γ,ξ) that of K3(α,β,γ) along
 * ∇f_ξ. It knows forward and backward passes, and nothing of jets or of the explicit terms.
 */
import { NtkcError } from '../../errors.ts';
import { type empiricalNtk, forward, type Parameters } from '../../runtime/empirical/index.ts';
import { type Extrapolated, extrapolate } from './extrapolate.ts';
import { changeRate, gradientAt, moved } from './gradients.ts';
import { piecesOf } from './kinks.ts';
import type { Subject } from './subject.ts';

/** The first step moves the weights of some layer by this share of their size. */
const firstShare = 0.1;
const usedSteps = 14;
/** Steps halved so often at most, to pass no kink. */
const mostHalvings = 30;
/** Rounding of one empirical NTK in units of the machine's: measured 1 to 5, for widths to 100 and six layers. */
const ntkRoundings = 16;

/**
 * The derivative of K2 along the gradients at samples `along`, in their order: one number a pair (α, β), [n n].
 * Steps that move a pre-activation past a kink are left out; undefined where all but a few do.
 */
export function alongGradients(
  subject: Subject,
  along: readonly number[],
  ntk: typeof empiricalNtk,
): readonly Extrapolated[] | undefined {
  const { program, parameters, n } = subject;
  const pieces = piecesAt(subject, parameters);
  const first = along.map((sample) => {
    const rate = changeRate(parameters, gradientAt(program, parameters, subject.rows[sample]!));
    return rate === 0 ? 1 : firstShare / rate;
  });
  const differences: Difference[] = [];
  for (let k = 0; k < mostHalvings && differences.length < usedSteps; k++) {
    const steps = first.map((step) => step / 2 ** k);
    const difference = unlessOverflow(() => {
      const corners = cornersOf(subject, parameters, along, steps, pieces);
      return corners && differenceAt(subject, corners, steps, ntk);
    });
    if (difference !== undefined) differences.push(difference);
  }
  if (differences.length < 3) return undefined;
  const roundings = differences.map((d) => d.rounding);
  return Array.from({ length: n * n }, (_, e) =>
    extrapolate(
      differences.map((d) => d.values[e]!),
      roundings,
    ),
  );
}

interface Difference {
  /** [n n]. */
  readonly values: Float64Array;
  readonly rounding: number;
}

/** Σ sign · K2(corner) / Π (2 step). */
function differenceAt(
  { program, x, n }: Subject,
  corners: readonly Corner[],
  steps: readonly number[],
  ntk: typeof empiricalNtk,
): Difference {
  const scale = steps.reduce((product, step) => product / (2 * step), 1);
  const values = new Float64Array(n * n);
  let largest = 0;
  for (const { parameters, sign } of corners) {
    const { ntk: k2 } = ntk(program, parameters, x, n, undefined, undefined, { outputs: [0] });
    for (let e = 0; e < values.length; e++) values[e] = values[e]! + sign * scale * k2[e]!;
    largest = k2.reduce((most, value) => Math.max(most, Math.abs(value)), largest);
  }
  return { values, rounding: ntkRoundings * Number.EPSILON * corners.length * scale * largest };
}

/** Long steps may leave what float64 can hold; they are of no use then. */
function unlessOverflow<T>(f: () => T): T | undefined {
  try {
    return f();
  } catch (error) {
    if (error instanceof NtkcError) return undefined;
    throw error;
  }
}

interface Corner {
  readonly parameters: Parameters;
  readonly sign: number;
}

/** Parameters moved by ± a step along each gradient, the last of `along` first; undefined where a kink is passed. */
function cornersOf(
  subject: Subject,
  parameters: Parameters,
  along: readonly number[],
  steps: readonly number[],
  pieces: string,
): readonly Corner[] | undefined {
  const sample = along.at(-1);
  if (sample === undefined) return [{ parameters, sign: 1 }];
  const gradient = gradientAt(subject.program, parameters, subject.rows[sample]!);
  const corners: Corner[] = [];
  for (const sign of [1, -1]) {
    const there = moved(parameters, gradient, sign * steps.at(-1)!);
    if (piecesAt(subject, there) !== pieces) return undefined;
    const further = cornersOf(subject, there, along.slice(0, -1), steps.slice(0, -1), pieces);
    if (further === undefined) return undefined;
    corners.push(...further.map((corner) => ({ ...corner, sign: sign * corner.sign })));
  }
  return corners;
}

const piecesAt = ({ program, kinked, x, n }: Subject, parameters: Parameters): string =>
  kinked.length === 0 ? '' : piecesOf(kinked, forward(program, parameters, x, n));
