/** Training of finite networks against the neural tangent hierarchy. */
export { compareDynamics } from './compare.ts';
export { dynamicsRows, dynamicsTable } from './table.ts';
export type { Approximation, Decay, DynamicsOptions, DynamicsReport } from './types.ts';
