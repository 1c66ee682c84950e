export type { SampleValue } from './lower.ts';
export { innerProduct, type PlannedSeries, planTile, type TilePlan } from './plan.ts';
