/** The distinct activations of a network, each with its dual as ntkc uses it and with its expectations by quadrature. */
import { recogniseFormula } from '../derive/activation.ts';
import { inferShapes, type ShapedLayer } from '../ir/arch/index.ts';
import { type DualActivation, dualActivation } from '../ir/gaussian/index.ts';
import { secondMoment } from '../ir/gaussian/mean.ts';
import { type Integrands, integrands } from '../ir/gaussian/mesh.ts';
import { nestedExpectation } from '../ir/gaussian/nested.ts';
import { type Output, positionsOf, type Statement } from '../ir/program/index.ts';
import { compileScalar, differentiate, type Expr, num, printScalar, sym } from '../ir/scalar/index.ts';
import type { Activation } from '../ops/dual.ts';
import { kinksOf } from '../ops/kinks.ts';
import type { Kernel, Op } from '../ops/op.ts';
import { loadReference } from '../runtime/backends/reference.ts';
import { gram } from '../runtime/gram.ts';
import type { Inputs } from '../runtime/kernel.ts';
import type { Setting } from './setting.ts';

/** A function of the variances and the covariance of a Gaussian pair. */
type OfPair = (q1: number, q2: number, k: number) => number;

export interface TestedActivation {
  /** e.g. "relu at layers[1], layers[3]". */
  readonly name: string;
  readonly formula: string;
  /** The dual as kernels use it: a closed form, or the series. */
  readonly kappa: OfPair;
  readonly dotKappa: OfPair;
  /** E φ(u)φ(v) and E φ'(u)φ'(v) by quadrature of φ and of φ', split at the kinks: no formula is shared with the dual. */
  readonly expectation: OfPair;
  readonly dotExpectation: OfPair;
  /** √(E φ(u)² E φ(v)²), and the same of φ': what errors are relative to. */
  readonly scale: (q1: number, q2: number) => number;
  readonly dotScale: (q1: number, q2: number) => number;
  /** Allowed relative error of the dual itself: 0 for closed forms. */
  readonly tolerance: number;
  /** Variances that occur in the network for the inputs at hand, smallest and largest. */
  readonly variances: readonly [least: number, most: number];
}

/** Distinct by op and fields. Variances are those of the inputs x. */
export async function activationsOf(setting: Setting, x: Inputs): Promise<readonly TestedActivation[]> {
  const { network, vocabulary } = setting;
  const variances = await variancesAt(setting, x);
  const groups = new Map<
    string,
    { readonly name: string; readonly activation: Activation; readonly paths: string[] }
  >();
  for (const shaped of inferShapes(network, vocabulary)) {
    const activation = activationAt(shaped, vocabulary);
    if (activation === undefined) continue;
    const key = JSON.stringify(shaped.layer);
    const group = groups.get(key) ?? { name: shaped.layer.op, activation, paths: [] };
    group.paths.push(shaped.path);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ name, activation, paths }) => {
    const seen = paths.flatMap((p) => variances.get(p) ?? []).filter((q) => q > 0);
    const range = seen.length === 0 ? ([1, 1] as const) : ([Math.min(...seen), Math.max(...seen)] as const);
    return tested(name, activation, paths, range);
  });
}

function activationAt({ layer, input }: ShapedLayer, vocabulary: ReadonlyMap<string, Op>): Activation | undefined {
  const op = vocabulary.get(layer.op);
  if (op?.copies !== undefined) return undefined;
  const rule = op?.kernel?.(layer, { fanIn: input.at(-1) as number, extents: input.slice(0, -1) });
  return rule?.kind === 'activation' ? recogniseFormula(rule, vocabulary.values()).activation : undefined;
}

/**
 * Variances of the Gaussians that enter each activation, by its path: the derived kernel's own self values, the mean over
 * positions where there are several.
 */
async function variancesAt(setting: Setting, x: Inputs): Promise<ReadonlyMap<string, readonly number[]>> {
  const { steps, written } = setting.derive(setting.network, 'nngp', { vocabulary: setting.vocabulary });
  const entering = steps.flatMap(({ path, covariance }) => (covariance ? [{ path, covariance }] : []));
  if (entering.length === 0) return new Map();
  const added = entering.map(({ covariance }, k) => meanVariance(covariance, k));
  const statements = [...written.statements, ...added.flatMap((a) => a.statements)];
  const kernel = loadReference({ ...written, statements, outputs: added.map((a) => a.output) });
  const found = new Map<string, number[]>();
  for (const [k, { path }] of entering.entries()) {
    const values = await gram(kernel, x, undefined, { output: k });
    const diagonal = Array.from({ length: x.n }, (_, i) => values[i * (x.n + 1)]!);
    found.set(path, [...(found.get(path) ?? []), ...diagonal]);
  }
  return found;
}

/** A variance as an output, read on the diagonal alone. */
function meanVariance(
  { self, extents }: Kernel,
  k: number,
): { readonly statements: readonly Statement[]; readonly output: Output } {
  const name = `covariance${k}`;
  if (extents === undefined) return { statements: [], output: { name, self, pair: num(0) } };
  const [at, mean] = [`${name}At`, `${name}Mean`];
  const grid = { extents, span: 'diagonal' } as const;
  const scale = 1 / positionsOf(extents);
  return {
    statements: [
      { kind: 'map', domain: 'self', name: at, grid, expr: self },
      { kind: 'reduce', domain: 'self', name: mean, of: at, over: 'diagonal', scale },
    ],
    output: { name, self: sym(mean), pair: num(0) },
  };
}

function tested(
  name: string,
  { phi, dual }: Activation,
  paths: readonly string[],
  variances: readonly [number, number],
): TestedActivation {
  const slope = differentiate(phi, 'x');
  const [f, df] = [compileScalar(phi, ['x']), compileScalar(slope, ['x'])];
  const kinks = dual.kind === 'series' ? dual.kinks : kinksOf(phi);
  // Once for all points: where φ and φ' must be cut does not depend on the variances.
  const [source, slopeSource] = [integrands([f], kinks), integrands([df], kinks)];
  const used =
    dual.kind === 'closed'
      ? { kappa: ofPair(dual.kappa), dotKappa: ofPair(dual.dotKappa), tolerance: 0 }
      : seriesOfPair(dualActivation({ phi: f, dphi: df, ...dual }), dual.tolerance);
  return {
    name: `${name} at ${paths.length > 3 ? `${paths.slice(0, 2).join(', ')} and ${paths.length - 2} more` : paths.join(', ')}`,
    formula: printScalar(phi),
    ...used,
    expectation: (q1, q2, k) => nestedExpectation(source, 0, q1, q2, k),
    dotExpectation: (q1, q2, k) => nestedExpectation(slopeSource, 0, q1, q2, k),
    scale: scaleOf(source),
    dotScale: scaleOf(slopeSource),
    variances,
  };
}

const scaleOf = (source: Integrands) => (q1: number, q2: number) =>
  Math.sqrt(secondMoment(source, 0, q1)) * Math.sqrt(secondMoment(source, 0, q2));

const ofPair = (e: Expr): OfPair => compileScalar(e, ['q1', 'q2', 'k']);

function seriesOfPair(dual: DualActivation, tolerance: number) {
  const at = (which: 'kappa' | 'dotKappa') => (q1: number, q2: number, k: number) => {
    const sample = dual.prepare(Float64Array.of(q1, q2));
    return dual[which](sample, 0, sample, 1, k);
  };
  return { kappa: at('kappa'), dotKappa: at('dotKappa'), tolerance };
}
