/** width · E K4 of two layers, as derived, against its mean over sampled finite networks. */

import { plural } from '../../alignedTable.ts';
import { finiteNetwork } from '../../derive/index.ts';
import { NtkcError } from '../../errors.ts';
import { add, call, type Expr, mul, pow, sym } from '../../ir/scalar/index.ts';
import type { TensorProgram } from '../../ir/tensor/tensorProgram.ts';
import { kinksOf } from '../../ops/kinks.ts';
import { slopesOf } from '../../ops/piecewiseLinear.ts';
import { initialise } from '../../runtime/empirical/index.ts';
import type { Rows } from '../inputs.ts';
import type { Setting } from '../setting.ts';
import { rejectionThreshold } from '../statistics/kernelTest.ts';
import { normalScore } from '../statistics/student.ts';
import type { HierarchyResult, HierarchyRoutes } from '../types.ts';
import { withWidths } from '../widths.ts';
import { judged, leftOut, listed } from './compare.ts';
import type { Tuple } from './routes.ts';

/** K4 is a sum over independent neurons, so what counts is width times networks: 32 768 neurons, 0.3 to 0.6 s. */
const width = 256;
const networks = 128;
/** Of a smoothed kink, in standard deviations of the pre-activation that has the least. */
const smoothingShare = 0.5;

const tuples: readonly Tuple[] = [
  [0, 1, 2, 1],
  [0, 0, 1, 2],
  [1, 2, 0, 0],
];

export interface ExpectationPlan {
  readonly program: TensorProgram;
  /** width · E K4 at each tuple. */
  readonly expected: Float64Array;
  readonly tuples: readonly Tuple[];
  readonly x: Float64Array;
  readonly n: number;
  /** e.g. "smoothed by 0.4"; empty for a smooth activation. */
  readonly of: string;
}

const row = {
  kernel: 'k4',
  check: 'mean = expectation',
  checks: 'width · E K4 as derived, and the mean of width · K4 over independent initialisations',
  subject: '',
  unit: 'standard errors',
  why: '',
} as const;

/** What to sample and what to expect, or the row that says why there is no expectation. */
export function planExpectation(
  setting: Setting,
  inputs: Rows,
  expected: HierarchyRoutes['expected'],
): ExpectationPlan | HierarchyResult {
  try {
    const network = withWidths(setting.network, width, setting.vocabulary);
    const program = finiteNetwork(network, { width, outputs: 1, vocabulary: setting.vocabulary });
    if (program.layers !== 2) return leftOut(row, 'the expectation is known for two layers');
    const rows = inputs.slice(0, 3);
    const places = tuples.map((tuple) => tuple.map((index) => index % rows.length));
    const kinked = program.nodes.find((node) => node.kind === 'elementwise' && kinksOf(node.phi).length > 0);
    const smoothing = kinked === undefined ? undefined : smoothingShare * leastDeviation(program, rows);
    return {
      program: smoothing === undefined ? program : smoothedProgram(program, smoothing),
      expected: expected(network, rows, places, smoothing === undefined ? {} : { smoothing }),
      tuples: places,
      x: Float64Array.from(rows.flat()),
      n: rows.length,
      of: smoothing === undefined ? '' : `smoothed by ${smoothing.toPrecision(2)}`,
    };
  } catch (error) {
    if (!(error instanceof NtkcError)) throw error;
    return leftOut(row, error.what);
  }
}

/** @param rule `tests` scores share the probability falseAlarm */
export async function runExpectation(
  setting: Setting,
  plan: ExpectationPlan,
  rule: { readonly falseAlarm: number; readonly tests: number },
  jets: HierarchyRoutes['jets'],
): Promise<HierarchyResult> {
  const samples = await sampled(setting, plan, jets).catch((error: unknown) => {
    if (error instanceof NtkcError) return error;
    throw error;
  });
  if (samples instanceof NtkcError) return leftOut(row, samples.what);
  const scale = Math.max(...plan.expected.map(Math.abs), ...samples.flat().map(Math.abs)) || 1;
  const scores = plan.tuples.map((_, k) => scoreOf(samples[k]!, plan.expected[k]!, scale));
  const worst = scores.reduce((most, { z }, k) => (Number.isNaN(z) || z > scores[most]!.z ? k : most), 0);
  const { t, z, mean, error, share } = scores[worst]!;
  const allowed = rejectionThreshold(rule.falseAlarm, rule.tests);
  const result = judged(
    {
      ...row,
      subject: listed(plural(plan.tuples.length, 'tuple'), `${networks} of width ${width}`, plan.of),
      why: `a right expectation exceeds it somewhere in this report with probability at most ${rule.falseAlarm}`,
    },
    {
      error: z,
      allowed,
      at: `tuple ${plan.tuples[worst]!.join(', ')}: ${plan.expected[worst]!.toPrecision(4)}, mean ${mean.toPrecision(4)} ± ${error.toPrecision(2)}`,
    },
  );
  const isLuck = result.verdict === 'disagrees' && share > largestShare && t < beyondLuck * allowed;
  if (!isLuck) return result;
  const why = `the values have heavy tails, so that their standard error is a matter of luck: one of ${networks} networks makes up ${Math.round(100 * share)} % of the variance`;
  return { ...result, verdict: 'left out', why };
}

/** Where one network makes up more than this share of the variance, its mean is not nearly normal. */
const largestShare = 0.15;
/** |t| this many times beyond the threshold is no matter of tails: u^12 and e^{4u} reach twice. */
const beyondLuck = 5;
/** Kernels equal to this relative precision are equal, also without any scatter. */
const rounding = 1e-11;

/** |t| of one tuple, the normal score of equal probability, and the largest share that one network has in the variance. */
function scoreOf(values: readonly number[], expected: number, scale: number) {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const squares = values.map((v) => (v - mean) ** 2);
  const total = squares.reduce((sum, v) => sum + v, 0);
  const error = Math.hypot(Math.sqrt(total / (values.length * (values.length - 1))), rounding * scale);
  const t = Math.abs((mean - expected) / error);
  const z = normalScore(t, values.length - 1);
  return { t, z, mean, error, share: Math.max(...squares) / (total || 1) };
}

/** width · K4 of each network, [tuples networks]. */
async function sampled(
  { seed, signal, onProgress }: Setting,
  { program, tuples: places, x, n }: ExpectationPlan,
  jets: HierarchyRoutes['jets'],
): Promise<readonly (readonly number[])[]> {
  const samples = places.map((): number[] => []);
  for (let draw = 0; draw < networks; draw++) {
    if (draw % 16 === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      onProgress?.({ stage: 'expectation of K4', done: draw, total: networks });
    }
    const values = jets(program, initialise(program, [seed, -4, draw]), x, n, places);
    values.forEach((value, k) => {
      samples[k]!.push(width * value);
    });
  }
  return samples;
}

/** √E u² of the first layer's outputs, the least over the inputs that are not zero. */
function leastDeviation({ nodes }: TensorProgram, rows: Rows): number {
  const first = nodes.find((node) => node.kind === 'dense');
  if (first === undefined) return 1;
  const perInput = (first.weightScale * first.weightStd) ** 2;
  const own = first.bias === undefined ? 0 : (first.bias.scale * first.bias.std) ** 2;
  const variances = rows.map((x) => perInput * x.reduce((sum, v) => sum + v * v, 0) + own).filter((v) => v > 0);
  return variances.length === 0 ? 1 : Math.sqrt(Math.min(...variances));
}

const smoothedProgram = (program: TensorProgram, epsilon: number): TensorProgram => ({
  ...program,
  nodes: program.nodes.map((node) =>
    node.kind === 'elementwise' ? { ...node, phi: smoothed(node.phi, epsilon) } : node,
  ),
});

/**
 * E φ(x + ε z), z ~ N(0, 1), of slopes a and b: a·x + (b − a)·(x Φ(x/ε) + ε density(x/ε)).
 * @derived relu(x + ε z) integrated over z > −x/ε; other formulas stay as they are: the expectation refuses them
 */
function smoothed(phi: Expr, epsilon: number): Expr {
  const slopes = slopesOf(phi);
  if (slopes === undefined) return phi;
  const x = sym('x');
  const inside = mul(0.5, x, add(1, call('erf', mul(Math.SQRT1_2 / epsilon, x))));
  const density = mul(epsilon / Math.sqrt(2 * Math.PI), call('exp', mul(-0.5 / epsilon ** 2, pow(x, 2))));
  return add(mul(slopes.a, x), mul(slopes.b - slopes.a, add(inside, density)));
}
