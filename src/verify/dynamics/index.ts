/** Training of finite networks against the neural tangent hierarchy. */
export { affordableDynamics, type NoDynamics } from './affordable.ts';
export { compareDynamics } from './compare.ts';
export {
  claimText,
  dynamicsRows,
  dynamicsTable,
  groupTitles,
  shownTime,
  slopeText,
  timeText,
  verdictText,
} from './table.ts';
export type { Approximation, Decay, DynamicsOptions, DynamicsReport } from './types.ts';
