/**
 * A kernel program as what a fused loop does: values of one sample computed once a sample, everything between the inner
 * product and the outputs as one lane program for a pair. No matrix is stored but the outputs.
 */
import { LaneBuilder, type LaneProgram } from '../../ir/loop/index.ts';
import {
  atX,
  atY,
  type Dual,
  type Expand,
  type PointStatement,
  type Program,
  pointStatements,
} from '../../ir/program/index.ts';
import { mul, pow, sym } from '../../ir/scalar/index.ts';
import { ExpressionLowering, type SampleValue } from './lower.ts';

/** A Hermite series of two samples: coefficients of φ (order 0) or φ' (order 1). */
export interface PlannedSeries {
  readonly name: string;
  readonly expansion: string;
  readonly order: 0 | 1;
  /** Relative error allowed in what it sums to. */
  readonly tolerance: number;
  /**
   * Row value that the runtime sets: the largest |ρ| at which the coefficients keep the tolerance. Beyond it the lanes give
   * NaN, which says that the pair has to be computed another way.
   */
  readonly limit: string;
}

export interface TilePlan {
  readonly program: Program;
  readonly row: readonly SampleValue[];
  readonly column: readonly SampleValue[];
  readonly series: readonly PlannedSeries[];
  /** The pair input `inner` is Σ_c x[c]·x'[c]; one result for each output of the program. */
  readonly lanes: LaneProgram;
}

export const innerProduct = 'inner';

export function planTile(program: Program): TilePlan {
  const b = new LaneBuilder();
  const lowering = new ExpressionLowering(b, new Set(program.weights.map((w) => w.name)));
  const series = new Map<string, PlannedSeries>();
  const expansions = new Map<string, Expand>();
  for (const s of pointStatements(program, 'wasm')) {
    if (s.kind === 'expand') expansions.set(s.name, s);
    if (s.domain !== 'pair') continue;
    const lane = pairLane(s);
    b.label(lane, s.name);
    lowering.define(s.name, lane, s.kind === 'map' ? s.expr : undefined);
  }
  const lanes = b.finish(program.outputs.map((o) => lowering.lane(o.pair)));
  return { program, row: lowering.row, column: lowering.column, series: [...series.values()], lanes };

  function pairLane(s: PointStatement): number {
    if (s.kind === 'inner') return b.of('mul', b.input('pair', innerProduct), b.constant(s.scale));
    if (s.kind === 'map') return lowering.lane(s.expr);
    if (s.kind === 'expand') throw new Error('ntkc bug: an expansion of a pair');
    return dual(s, expansions.get(s.expansion) as Expand);
  }

  /** @eq daniely2016 (dual activation, Mehler's formula): E φ(u)φ(v) = Σ_p a_p a'_p ρ^p. */
  function dual({ expansion, order, covariance }: Dual, { variance, tolerance }: Expand): number {
    const name = `${expansion}.${order}`;
    const planned = { name, expansion, order, tolerance, limit: `${name}.limit` };
    series.set(name, planned);
    const roots = mul(pow(sym(atX(variance)), -0.5), pow(sym(atY(variance)), -0.5));
    const rho = lowering.lane(mul(sym(covariance), roots));
    const inside = b.of('min', b.of('max', rho, b.constant(-1)), b.constant(1));
    const kept = b.of('lessEqual', b.of('abs', rho), b.input('row', planned.limit));
    return b.of('select', kept, b.series(name, inside), b.constant(Number.NaN));
  }
}
