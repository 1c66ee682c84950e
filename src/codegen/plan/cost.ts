/** What a planned tile costs, before it runs. */
import type { LaneOp, LaneProgram } from '../../ir/loop/index.ts';
import type { TilePlan } from './plan.ts';

export interface TileCost {
  /** Floating-point operations of a pair: its inner product, and all that is fused after it but series. */
  readonly innerFlops: number;
  readonly fusedFlops: number;
  /** Of those, divisions and roots, which take several times as long. */
  readonly slowFlops: number;
  /** Operations a pair for each coefficient of a series, summed over the series. */
  readonly flopsPerCoefficient: number;
  /** Values computed once a sample, for rows and columns together. */
  readonly sampleValues: number;
  /** Bytes of output a pair; nothing else of this size is written. */
  readonly outputBytes: number;
}

const free: ReadonlySet<LaneOp> = new Set(['constant', 'bits', 'row', 'column', 'pair', 'series']);
const slow: ReadonlySet<LaneOp> = new Set(['div', 'sqrt']);
const flopsOf = (op: LaneOp): number => (free.has(op) ? 0 : op === 'madd' || op === 'nmadd' ? 2 : 1);

/** Floating-point operations of a lane program, and how many of them are divisions and roots. */
export const laneFlops = ({ lanes }: LaneProgram): { readonly all: number; readonly slow: number } => ({
  all: lanes.reduce((sum, { op }) => sum + flopsOf(op), 0),
  slow: lanes.filter(({ op }) => slow.has(op)).length,
});

/** `lanes`: those of the plan, or what a target makes of them once it has spelled its functions. */
export function tileCost(
  { program, row, column, series, lanes: { results } }: TilePlan,
  expanded: LaneProgram,
): TileCost {
  const fused = laneFlops(expanded);
  return {
    innerFlops: 2 * program.features,
    fusedFlops: fused.all,
    slowFlops: fused.slow,
    flopsPerCoefficient: 3 * series.length,
    sampleValues: row.length + column.length,
    outputBytes: 8 * results.length,
  };
}

/** The cost of a Gram matrix [n m] in words; of a symmetric one half the pairs are computed. */
export function printCost(cost: TileCost, n: number, m: number, symmetric: boolean): string {
  const pairs = symmetric ? (n * (n + 1)) / 2 : n * m;
  const { innerFlops, fusedFlops, slowFlops, flopsPerCoefficient, sampleValues, outputBytes } = cost;
  const perSeries = flopsPerCoefficient === 0 ? '' : ` and ${flopsPerCoefficient} for each coefficient of the series`;
  return [
    `${pairs} pairs: ${innerFlops} flops each for the inner product, ${fusedFlops} after it${perSeries} (${slowFlops} of them divisions and roots)`,
    `${((pairs * (innerFlops + fusedFlops)) / 1e9).toPrecision(3)} Gflop in all, ${sampleValues} values once a sample`,
    `${((n * m * outputBytes) / 2 ** 20).toFixed(1)} MB written, nothing of that size between`,
    '',
  ].join('\n');
}
