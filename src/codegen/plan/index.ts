export { printCost, type TileCost, tileCost } from './cost.ts';
export { bytesPerSecond, type CostEstimate, estimateCost, flopsPerSecond } from './estimate.ts';
export type { SampleValue } from './lower.ts';
export { innerProduct, type PlannedSeries, planTile, type TilePlan } from './plan.ts';
