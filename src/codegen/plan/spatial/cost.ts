/** What a spatial plan costs, before it runs. */
import type { LaneProgram } from '../../../ir/loop/index.ts';
import { positionsOf } from '../../../ir/program/index.ts';
import { laneFlops, type TileCost } from '../cost.ts';
import type { Layout } from './layout.ts';
import type { Pass, Routine, SpatialPlan, Step } from './types.ts';

/** Cells of a grid that a pair visits. */
export const cellsOfGrid = ({ extents, span }: Pick<Layout, 'extents' | 'span'>): number =>
  positionsOf(extents) ** (span === 'all' ? 2 : 1);

/** The cost of a pair; `spelled`: the lanes of a pass as the target spells their functions. */
export function spatialCost(plan: SpatialPlan, spelled: (lanes: LaneProgram) => LaneProgram): TileCost {
  const { program, channels, pair, sampleRecord } = plan;
  const inner = program.statements.find((s) => s.kind === 'inner' && s.domain === 'pair');
  const innerFlops = inner?.grid === undefined ? 0 : 2 * channels * cellsOfGrid(inner.grid);
  const passes = pair.passes.map((pass) => passFlops(pass, spelled(pass.lanes)));
  const hasLoop = pair.passes.some((pass) => pass.loads.has('series x'));
  const all = passes.reduce((sum, { all: flops }) => sum + flops, 0) - (hasLoop ? 0 : innerFlops);
  return {
    innerFlops,
    fusedFlops: all + contractionFlops(pair),
    slowFlops: passes.reduce((sum, { slow }) => sum + slow, 0),
    flopsPerCoefficient: pair.passes.reduce(
      (sum, { series, layout }) => sum + 3 * series.size * cellsOfGrid(layout),
      0,
    ),
    sampleValues: [...sampleRecord.arrays.values()].reduce((sum, { layout }) => sum + cellsOfGrid(layout), 0),
    outputBytes: 8 * plan.outputs.length,
  };
}

function passFlops({ layout }: Pass, lanes: LaneProgram): { readonly all: number; readonly slow: number } {
  const { all, slow } = laneFlops(lanes);
  return { all: all * cellsOfGrid(layout), slow: slow * cellsOfGrid(layout) };
}

/** Two products of matrices each, of dense ones. */
function contractionFlops({ stages, arrays }: Routine): number {
  const steps: readonly Step[] = stages.flatMap((stage) => stage.after);
  return steps.reduce((sum, step) => {
    const layout = step.kind === 'contract' ? arrays.get(step.of) : undefined;
    return layout === undefined ? sum : sum + 4 * positionsOf(layout.extents) ** 3;
  }, 0);
}
