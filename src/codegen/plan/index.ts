export { printCost, type TileCost, tileCost } from './cost.ts';
export { bytesPerSecond, type CostEstimate, estimateCost, flopsPerSecond } from './estimate.ts';
export { gapInputs } from './gaps.ts';
export { innerProduct, type PlannedSeries } from './lanes.ts';
export type { SampleValue } from './lower.ts';
export { type CarefulLanes, planTile, type TilePlan } from './plan.ts';
