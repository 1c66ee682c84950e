/** The lanes of a pair, statement by statement. */
import { LaneBuilder, type LaneProgram } from '../../ir/loop/index.ts';
import { atX, atY, type Dual, type Expand, type PointStatement, type Program } from '../../ir/program/index.ts';
import { type Expr, mul, pow, sym } from '../../ir/scalar/index.ts';
import { determinantOf, Gaps } from './gaps.ts';
import { isRoot } from './hypotenuse.ts';
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

export interface PlannedLanes {
  readonly lanes: LaneProgram;
  readonly row: readonly SampleValue[];
  readonly column: readonly SampleValue[];
  readonly series: readonly PlannedSeries[];
  /** Names of |x|, where the lanes read gaps. */
  readonly norm?: { readonly row: string; readonly column: string };
}

export const innerProduct = 'inner';

/** `careful`: covariances by their gaps, where there is a rule for these. */
export function planLanes(
  program: Program,
  statements: readonly PointStatement[],
  { careful }: { readonly careful: boolean },
): PlannedLanes {
  const b = new LaneBuilder();
  const lowering = new ExpressionLowering(b, new Set(program.weights.map((w) => w.name)));
  const series = new Map<string, PlannedSeries>();
  const expansions = new Map<string, Expand>();
  const gaps = new Gaps(b, lowering, statements);
  const variances = careful ? rootedCovariances(statements) : new Map<string, string>();
  if (careful) lowering.radicand = (e) => gaps.determinant(e);
  for (const s of statements) {
    if (s.kind === 'expand') expansions.set(s.name, s);
    if (s.domain !== 'pair') continue;
    const lane = pairLane(s);
    b.label(lane, s.name);
    lowering.define(s.name, lane, s.kind === 'map' ? s.expr : undefined);
  }
  const lanes = b.finish(program.outputs.map((o) => lowering.lane(o.pair)));
  const norm = lanes.lanes.some(({ op, name }) => op === 'pair' && name !== innerProduct) ? normNames() : undefined;
  return {
    lanes,
    row: usedBy('row'),
    column: usedBy('column'),
    series: [...series.values()],
    ...(norm && { norm }),
  };

  function usedBy(place: 'row' | 'column'): readonly SampleValue[] {
    const names = new Set([norm?.[place], ...lanes.lanes.filter(({ op }) => op === place).map(({ name }) => name)]);
    return lowering[place].filter(({ name }) => names.has(name));
  }

  function normNames() {
    const name = (place: 'row' | 'column') => b.lane(lowering.sample(place, gaps.norm as Expr)).name as string;
    return { row: name('row'), column: name('column') };
  }

  function pairLane(s: PointStatement): number {
    if (s.kind === 'inner') return b.of('mul', b.input('pair', innerProduct), b.constant(s.scale));
    const variance = variances.get(s.name);
    if (s.kind === 'map')
      return (variance === undefined ? undefined : gaps.covariance(s.name, variance)) ?? lowering.lane(s.expr);
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

/** Covariances k that some √(q q' − k²) is taken of, with the name of q. */
function rootedCovariances(statements: readonly PointStatement[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const s of statements) {
    const read = s.kind === 'map' && isRoot(s.expr) ? determinantOf(s.expr.factors[0]?.base) : undefined;
    if (read !== undefined) found.set(read.k, read.variance);
  }
  return found;
}
