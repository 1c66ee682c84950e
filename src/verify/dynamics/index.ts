/** Training of finite networks against the neural tangent hierarchy. */
export { affordableDynamics } from './affordable.ts';
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
export type { Approximation, Decay, DynamicsOptions, DynamicsReport, NoDynamics } from './types.ts';
