export { type DualActivation, type DualSpec, dualActivation, type SampleExpansion } from './dual.ts';
export { erf } from './erf.ts';
export { expandMany } from './interpolate.ts';
